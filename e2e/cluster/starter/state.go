package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// State is the folder of a cluster: keys, data, logs, programs.
type State string

func (state State) path(parts ...string) string {
	return filepath.Join(append([]string{string(state)}, parts...)...)
}

func (state State) kubeconfig() string         { return state.path("kubeconfig") }
func (state State) lock() string               { return state.path("supervisor.pid") }
func (state State) log(name string) string     { return state.path("logs", name+".log") }
func (state State) program(name string) string { return state.path("bin", name) }
func (state State) containerdSocket() string   { return state.path("containerd.sock") }
func (state State) write(name, text string) error {
	return os.WriteFile(state.path(name), []byte(text), 0o600)
}

// newState makes the folder, which must hold nothing yet: all of it is removed in the end.
func newState(folder string) (State, error) {
	if folder == "" {
		made, err := os.MkdirTemp("", "streamspace-cluster-")
		return State(made), err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(folder)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty; if a cluster is there, `down` ends it", folder)
	}
	return State(folder), err
}

func (state State) prepare() error {
	for _, folder := range []string{"logs", "bin"} {
		if err := os.MkdirAll(state.path(folder), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// takeLock says that this process supervises the cluster for as long as it lives.
func (state State) takeLock() (*os.File, error) {
	file, err := os.OpenFile(state.lock(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, fmt.Errorf("a cluster already runs in %s", state)
	}
	_, err = file.WriteString(strconv.Itoa(os.Getpid()))
	return file, err
}

// stopSupervisor ends whoever holds the lock, and returns when it has ended.
func (state State) stopSupervisor() error {
	file, err := os.Open(state.lock())
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("no cluster is in %s", state)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	descriptor := int(file.Fd())
	if syscall.Flock(descriptor, syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		return nil
	}
	text, err := os.ReadFile(state.lock())
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("%s: %w", state.lock(), err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	return syscall.Flock(descriptor, syscall.LOCK_EX)
}

// remove puts away what outlives processes and namespaces: control groups, and the folder itself.
func (state State) remove() error {
	return errors.Join(removeControlGroups(state), os.RemoveAll(string(state)))
}
