package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Children are the processes that this one has started. They die with it, whatever ends it.
//
// It waits for whoever ends, because the first process of a namespace inherits the namespace's orphans.
// So nothing else here may wait for a process.
type Children struct {
	state   State
	lock    sync.Mutex
	running map[int]*Child
	// Why the cluster is to end.
	Over chan error
}

// Child is one of them.
type Child struct {
	name    string
	process *os.Process
	// Closed when it has ended; then the status is there.
	ended  chan struct{}
	status syscall.WaitStatus
}

func newChildren(state State) *Children {
	children := &Children{state: state, running: map[int]*Child{}, Over: make(chan error, 1)}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	go func() {
		for range signals {
			children.reap()
		}
	}()
	return children
}

func (children *Children) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 {
			return
		}
		children.lock.Lock()
		child := children.running[pid]
		delete(children.running, pid)
		children.lock.Unlock()
		if child != nil {
			child.status = status
			close(child.ended)
		}
	}
}

// start starts a program whose output is kept in the log of that name.
// The kernel ends it with the thread that started it, so callers stay on the main one.
func (children *Children) start(name string, command *exec.Cmd) (*Child, error) {
	log, err := os.OpenFile(children.state.log(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
	// Held, so that whoever ends at once is known before it is waited for.
	children.lock.Lock()
	defer children.lock.Unlock()
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	child := &Child{name: name, process: command.Process, ended: make(chan struct{})}
	children.running[command.Process.Pid] = child
	return child, nil
}

// keep starts a program that is to stay: the cluster ends if it does not.
func (children *Children) keep(program string, arguments ...string) error {
	return children.keepCommand(filepath.Base(program), exec.Command(program, arguments...))
}

func (children *Children) keepCommand(name string, command *exec.Cmd) error {
	child, err := children.start(name, command)
	if err != nil {
		return err
	}
	go func() {
		<-child.ended
		children.end(fmt.Errorf("%s has ended (%s)\n%s", name, describe(child.status), children.lastLines(name)))
	}()
	return nil
}

// end says why the cluster is to end. The first reason counts.
func (children *Children) end(why error) {
	select {
	case children.Over <- why:
	default:
	}
}

// run runs a program to its end.
func (children *Children) run(program string, arguments ...string) error {
	name := filepath.Base(program)
	child, err := children.start(name, exec.Command(program, arguments...))
	if err != nil {
		return err
	}
	<-child.ended
	if child.status != 0 {
		return fmt.Errorf("%s %s: %s\n%s", name, strings.Join(arguments, " "), describe(child.status), children.lastLines(name))
	}
	return nil
}

// killAll ends them all, and returns when they have ended.
func (children *Children) killAll() {
	children.lock.Lock()
	running := slices.Collect(maps.Values(children.running))
	children.lock.Unlock()
	for _, child := range running {
		child.process.Kill() // It may have ended.
	}
	for _, child := range running {
		<-child.ended
	}
}

// until looks again and again, as long as the cluster is not to end.
func (children *Children) until(what string, within time.Duration, probe func() bool) error {
	deadline := time.After(within)
	for !probe() {
		select {
		case err := <-children.Over:
			return err
		case <-deadline:
			return fmt.Errorf("waited %s for %s; logs are in %s", within, what, children.state.path("logs"))
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

func (children *Children) lastLines(name string) string {
	const most = 2000
	text, _ := os.ReadFile(children.state.log(name))
	if len(text) > most {
		text = text[len(text)-most:]
	}
	return strings.TrimSpace(string(text))
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return status.Signal().String()
	}
	return fmt.Sprintf("exit status %d", status.ExitStatus())
}
