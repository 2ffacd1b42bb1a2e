//! How the program is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // 130,000 places hold an address within the program. Packed, their list is 1 MiB shorter, which each start reads and
    // keeps in memory (glibc 2.36 and later; a linker that doesn't know it for its processor says so and goes on).
    if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
