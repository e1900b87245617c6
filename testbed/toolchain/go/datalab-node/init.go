package main

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// The first process of the node's namespaces: with it, the kernel ends all others.
func beInit([]string) error {
	// What is mounted here stays here.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return err
	}
	// Tells the holder that nodes may be entered.
	if _, err := os.Stdout.WriteString("ready\n"); err != nil {
		return err
	}
	reap(nil)
	return nil
}

// The first container of a pod: it holds the pod's namespaces until it is told to end.
func pause([]string) error {
	end := make(chan os.Signal, 1)
	signal.Notify(end, unix.SIGTERM, unix.SIGINT)
	reap(end)
	return nil
}

// Collects orphaned children until a signal comes.
func reap(end <-chan os.Signal) {
	children := make(chan os.Signal, 1)
	signal.Notify(children, unix.SIGCHLD)
	for {
		for {
			if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
		select {
		case <-children:
		case <-end:
			return
		}
	}
}
