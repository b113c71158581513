//! Hands the linker script to the linker when the program is built for MIPS.

fn main() {
    println!("cargo::rerun-if-changed=image.ld");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("mips") {
        let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rustc-link-arg-bins=-T{root}/image.ld");
        println!("cargo::rustc-link-arg-bins=-zmax-page-size=4096");
    }
}
