//! Compiles the shim against the installed header, so that its version decides the layouts.

fn main() {
    println!("cargo::rerun-if-changed=src/shim.c");
    let library = pkg_config::Config::new()
        .atleast_version("0.155")
        .probe("x264")
        .expect("libx264's header and library (Debian: libx264-dev)");
    cc::Build::new()
        .file("src/shim.c")
        .includes(library.include_paths)
        .warnings(true)
        .extra_warnings(true)
        .opt_level(2)
        .compile("streamspace_x264_shim");
}
