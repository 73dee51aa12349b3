package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Folders that the node has for itself, because its programs write there whatever they are told.
var hiddenFolders = []string{"/run", "/var/lib", "/var/log"}

// What the kubelet sets for the whole machine. It is shown files that have these values already.
var kernelSettings = map[string]string{
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/keys/root_maxbytes": "25000000",
}

// mountAll changes the view of this process' mount namespace.
func mountAll(state State) error {
	// Nothing that is mounted from here on reaches the machine; pods may share mounts among them.
	return errors.Join(
		mount("", "/", "", syscall.MS_REC|syscall.MS_SLAVE),
		mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED),
		mount("proc", "/proc", "proc", 0),
		hideFolders(state),
		hideKernelSettings(state),
	)
}

func hideFolders(state State) error {
	for _, folder := range hiddenFolders {
		own := state.path("node", filepath.Base(folder))
		if err := os.MkdirAll(own, 0o755); err != nil {
			return err
		}
		if err := mount(own, folder, "", syscall.MS_BIND); err != nil {
			return err
		}
	}
	return nil
}

func hideKernelSettings(state State) error {
	for name, value := range kernelSettings {
		own := state.path("node", "kernel", name)
		if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(own, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := mount(own, filepath.Join("/proc/sys", name), "", syscall.MS_BIND); err != nil {
			return err
		}
	}
	return nil
}

func mount(source, target, kind string, flags uintptr) error {
	if err := syscall.Mount(source, target, kind, flags, ""); err != nil {
		return fmt.Errorf("mount on %s: %w", target, err)
	}
	return nil
}
