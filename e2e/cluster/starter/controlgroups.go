package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const controlGroups = "/sys/fs/cgroup"

// The group under which all pods are.
func controlGroup(state State) string {
	return "streamspace-cluster" + strings.ReplaceAll(string(state), "/", "-")
}

// makeControlGroups makes it in each hierarchy: one for each controller, or the only one.
func makeControlGroups(state State) error {
	hierarchies, err := controlGroupHierarchies()
	for _, hierarchy := range hierarchies {
		err = errors.Join(err, os.MkdirAll(filepath.Join(hierarchy, controlGroup(state)), 0o755))
	}
	return err
}

// removeControlGroups is for when nothing runs in them any more. It does nothing if there are none.
func removeControlGroups(state State) error {
	hierarchies, err := controlGroupHierarchies()
	for _, hierarchy := range hierarchies {
		err = errors.Join(err, removeTree(filepath.Join(hierarchy, controlGroup(state))))
	}
	return err
}

// removeTree removes folders whose files are the kernel's: they go by themselves, from the innermost on.
func removeTree(root string) error {
	var folders []string
	filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return nil
	})
	for _, folder := range slices.Backward(folders) {
		if err := removeGroup(folder); err != nil {
			return err
		}
	}
	return nil
}

// removeGroup waits a little for the kernel, which may still count processes that have ended.
func removeGroup(folder string) error {
	const tries = 50
	var err error
	for range tries {
		err = syscall.Rmdir(folder)
		if err != syscall.EBUSY {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil && err != syscall.ENOENT {
		return &fs.PathError{Op: "rmdir", Path: folder, Err: err}
	}
	return nil
}

func controlGroupHierarchies() ([]string, error) {
	if _, err := os.Stat(filepath.Join(controlGroups, "cgroup.controllers")); err == nil {
		return []string{controlGroups}, nil
	}
	entries, err := os.ReadDir(controlGroups)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var hierarchies []string
	for _, entry := range entries {
		if entry.IsDir() {
			hierarchies = append(hierarchies, filepath.Join(controlGroups, entry.Name()))
		}
	}
	return hierarchies, err
}
