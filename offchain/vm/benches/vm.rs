//! Speed of the machine.
fn main() {
    let mut args = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let elf = std::fs::read(args.next().unwrap()).unwrap();
    let mut m = opml_vm::Machine::load_elf(&elf).unwrap();
    let t = std::time::Instant::now();
    let s = m.run(100_000_000).unwrap();
    let d = t.elapsed();
    println!(
        "{s:?} {} steps {:?} {:.1} M/s",
        m.cpu().step,
        d,
        m.cpu().step as f64 / d.as_secs_f64() / 1e6
    );
    println!("{}", String::from_utf8_lossy(&m.take_output()));
    let st = m.state().unwrap();
    println!("{:?}", st.memory_root);
}
