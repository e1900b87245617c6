package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Makes the namespaces and the cgroup of a node, prints where they are, and holds them until standard input ends or a
// signal comes. Then everything in them is ended and the cgroup is removed. It is the one process that does so, so
// that it also happens when all others were killed. Its arguments are not read: they tell people whose process it is.
func hold(arguments []string) error {
	end := make(chan os.Signal, 2)
	signal.Notify(end, unix.SIGTERM, unix.SIGINT, unix.SIGHUP)
	// The kernel ends the child with the thread that has started it.
	runtime.LockOSThread()

	removeStaleCgroups()
	group := cgroupPrefix + fmt.Sprint(os.Getpid())
	if err := makeCgroup(group); err != nil {
		return fmt.Errorf("cannot make the cgroup %s: %w", group, err)
	}
	defer removeCgroup(group)

	child := exec.Command("/proc/self/exe", append([]string{"init"}, arguments...)...)
	child.Stderr = os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
		Pdeathsig:  unix.SIGKILL,
		Setsid:     true,
	}
	output, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return fmt.Errorf("cannot make the namespaces: %w", err)
	}
	defer func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}()
	if _, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		return fmt.Errorf("the first process of the namespaces did not start: %w", err)
	}
	facts := map[string]any{"init": child.Process.Pid, "cgroup": group}
	if err := json.NewEncoder(os.Stdout).Encode(facts); err != nil {
		return err
	}

	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end <- unix.SIGHUP
	}()
	go func() {
		// Its output ends with it.
		_, _ = io.Copy(io.Discard, output)
		end <- unix.SIGCHLD
	}()
	<-end
	return nil
}
