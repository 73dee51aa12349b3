package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

var errAsked = errors.New("the cluster was ended while it started")

// supervise runs a cluster until it is told to end it, and puts everything away.
func supervise(options options) error {
	runtime.LockOSThread() // Children end with the thread that has started them.
	state := State(options.state)
	syscall.CloseOnExec(reportDescriptor)
	report := os.NewFile(reportDescriptor, "report")
	defer report.Close()
	lock, err := state.takeLock()
	if err != nil {
		fmt.Fprintln(report, err)
		return err
	}
	defer lock.Close()
	children := newChildren(state)
	go func() {
		waitUntilUnwanted(options)
		children.end(errAsked)
	}()
	err = begin(options.level, state, children)
	if err == nil {
		fmt.Fprintln(report, ready)
		err = <-children.Over
	}
	children.killAll()
	if err == errAsked {
		err = nil
	}
	err = errors.Join(err, state.remove())
	if err != nil {
		fmt.Fprintln(report, err)
	}
	return err
}

func begin(level Level, state State, children *Children) error {
	if err := errors.Join(state.prepare(), linkPrograms(state)); err != nil {
		return err
	}
	if level == LevelNode {
		return beginWithNode(state, children)
	}
	network, err := loopbackNetwork()
	if err != nil {
		return err
	}
	plane := ControlPlane{level, state, network, children}
	if err := plane.writeKeys(); err != nil {
		return err
	}
	return plane.start()
}

// waitUntilUnwanted returns when a signal says so, or the end of the standard input.
func waitUntilUnwanted(options options) {
	unwanted := make(chan os.Signal, 1)
	signal.Notify(unwanted, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if options.untilStdinCloses {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			unwanted <- syscall.SIGHUP
		}()
	}
	<-unwanted
}
