;; Scratch below 1024, calldata from there on, return data from 32768 on.
(module
  (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (import "vm_hooks" "emit_log" (func $emit_log (param i32 i32 i32)))
  (import "vm_hooks" "call_contract"
    (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "delegate_call_contract"
    (func $delegate (param i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "static_call_contract"
    (func $static (param i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "create1" (func $create1 (param i32 i32 i32 i32 i32)))
  (import "vm_hooks" "return_data_size" (func $return_data_size (result i32)))
  (import "vm_hooks" "read_return_data"
    (func $read_return_data (param i32 i32 i32) (result i32)))
  (import "vm_hooks" "msg_sender" (func $msg_sender (param i32)))
  (import "vm_hooks" "msg_value" (func $msg_value (param i32)))
  (import "vm_hooks" "msg_reentrant" (func $msg_reentrant (result i32)))
  (import "vm_hooks" "contract_address" (func $contract_address (param i32)))
  (memory (export "memory") 1)

  (func $forward
    (local $size i32)
    (local.set $size (call $return_data_size))
    (drop (call $read_return_data (i32.const 32768) (i32.const 0) (local.get $size)))
    (call $write_result (i32.const 32768) (local.get $size)))

  (func $u16 (param $at i32) (result i32)
    (i32.or
      (i32.shl (i32.load8_u (local.get $at)) (i32.const 8))
      (i32.load8_u offset=1 (local.get $at))))

  (func $call_of (param $p i32) (param $kind i32) (param $len i32) (result i32)
    (if (i32.eq (local.get $kind) (i32.const 1)) (then
      (return (call $delegate (i32.add (local.get $p) (i32.const 1))
        (i32.add (local.get $p) (i32.const 23)) (local.get $len)
        (i64.const -1) (i32.const 64)))))
    (if (i32.eq (local.get $kind) (i32.const 2)) (then
      (return (call $static (i32.add (local.get $p) (i32.const 1))
        (i32.add (local.get $p) (i32.const 23)) (local.get $len)
        (i64.const -1) (i32.const 64)))))
    (call $msg_value (i32.const 0))
    (call $call (i32.add (local.get $p) (i32.const 1))
      (i32.add (local.get $p) (i32.const 23)) (local.get $len) (i32.const 0)
      (i64.const -1) (i32.const 64)))

  (func $recurse (param $p i32)
    (local $frames i32)
    (i32.store8 (i32.const 0) (i32.const 11))
    (memory.copy (i32.const 1) (i32.add (local.get $p) (i32.const 20)) (i32.const 20))
    (memory.copy (i32.const 21) (local.get $p) (i32.const 20))
    (if (i32.eqz (call $call (local.get $p) (i32.const 0) (i32.const 41) (i32.const 128)
          (i64.const -1) (i32.const 200)))
      (then (drop (call $read_return_data (i32.const 64) (i32.const 0) (i32.const 32)))))
    (local.set $frames (i32.add (call $u16 (i32.const 94)) (i32.const 1)))
    (i32.store8 (i32.const 94) (i32.shr_u (local.get $frames) (i32.const 8)))
    (i32.store8 (i32.const 95) (local.get $frames))
    (call $write_result (i32.const 64) (i32.const 32)))

  (func (export "user_entrypoint") (param $len i32) (result i32)
    (local $p i32) (local $end i32) (local $op i32) (local $status i32)
    (call $read_args (i32.const 1024))
    (local.set $p (i32.const 1024))
    (local.set $end (i32.add (i32.const 1024) (local.get $len)))
    (loop $next
      (if (i32.ge_u (local.get $p) (local.get $end)) (then (return (i32.const 0))))
      (local.set $op (i32.load8_u (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (if (i32.eq (local.get $op) (i32.const 1)) (then
        (call $cache (local.get $p) (i32.add (local.get $p) (i32.const 32)))
        (call $flush (i32.const 0))
        (local.set $p (i32.add (local.get $p) (i32.const 64)))
        (br $next)))
      (if (i32.eq (local.get $op) (i32.const 2)) (then
        (memory.copy (i32.const 0) (local.get $p) (i32.const 32))
        (memory.copy (i32.const 32) (local.get $p) (i32.const 32))
        (call $emit_log (i32.const 0) (i32.const 64) (i32.const 1))
        (local.set $p (i32.add (local.get $p) (i32.const 32)))
        (br $next)))
      (if (i32.or (i32.eq (local.get $op) (i32.const 3)) (i32.eq (local.get $op) (i32.const 4)))
        (then
          (local.set $len (call $u16 (i32.add (local.get $p) (i32.const 21))))
          (local.set $status
            (call $call_of (local.get $p) (i32.load8_u (local.get $p)) (local.get $len)))
          (if (i32.and (i32.ne (local.get $status) (i32.const 0))
                       (i32.eq (local.get $op) (i32.const 3)))
            (then (call $forward) (return (i32.const 1))))
          (local.set $p
            (i32.add (local.get $p) (i32.add (local.get $len) (i32.const 23))))
          (br $next)))
      (if (i32.eq (local.get $op) (i32.const 5)) (then
        (call $forward) (return (i32.const 0))))
      (if (i32.eq (local.get $op) (i32.const 6)) (then
        (call $load (local.get $p) (i32.const 0))
        (call $write_result (i32.const 0) (i32.const 32))
        (return (i32.const 0))))
      (if (i32.eq (local.get $op) (i32.const 7)) (then
        (call $write_result (local.get $p) (i32.const 32))
        (return (i32.const 1))))
      (if (i32.eq (local.get $op) (i32.const 8)) (then
        (call $msg_sender (i32.const 12))
        (call $msg_value (i32.const 32))
        (call $contract_address (i32.const 76))
        (call $write_result (i32.const 0) (i32.const 96))
        (return (i32.const 0))))
      (if (i32.eq (local.get $op) (i32.const 9)) (then (loop $spin (br $spin))))
      (if (i32.eq (local.get $op) (i32.const 10)) (then
        (call $create1 (local.get $p) (i32.sub (local.get $end) (local.get $p))
          (i32.const 128) (i32.const 12) (i32.const 64))
        (call $write_result (i32.const 0) (i32.const 32))
        (return (i32.const 0))))
      (if (i32.eq (local.get $op) (i32.const 11)) (then
        (call $recurse (local.get $p)) (return (i32.const 0))))
      (if (i32.eq (local.get $op) (i32.const 12)) (then
        (i32.store8 (i32.const 31) (call $msg_reentrant))
        (call $write_result (i32.const 0) (i32.const 32))
        (return (i32.const 0)))))
    (unreachable)))
