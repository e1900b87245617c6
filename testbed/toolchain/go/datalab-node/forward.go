package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Listens on this machine's loopback and passes each connection on to a target in another network namespace. Prints
// the address on which it listens. Ends with the process whose node this is, and with its standard input.
func forward(arguments []string) error {
	flags := flag.NewFlagSet("forward", flag.ExitOnError)
	pid := flags.Int("pid", 0, "process with which the forwarding ends")
	namespace := flags.String("namespace", "", "file of the network namespace")
	listen := flags.String("listen", "127.0.0.1:0", "address on this machine")
	target := flags.String("target", "", "address in the namespace")
	source := flags.String("source", "", "address from which to connect; by default the system chooses")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	holder, err := unix.PidfdOpen(*pid, 0)
	if err != nil {
		return fmt.Errorf("no process %d: %w", *pid, err)
	}
	file, err := os.Open(*namespace)
	if err != nil {
		return err
	}
	from, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(*source, "0"))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())

	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	go func() {
		for {
			_, err := unix.Poll([]unix.PollFd{{Fd: int32(holder), Events: unix.POLLIN}}, -1)
			if !errors.Is(err, unix.EINTR) {
				os.Exit(0)
			}
		}
	}()
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go pass(connection.(*net.TCPConn), file, *target, from)
	}
}

func pass(client *net.TCPConn, namespace *os.File, target string, from *net.TCPAddr) {
	server, err := dialIn(namespace, target, from)
	if err != nil {
		// A reset, as from a port on which nobody listens.
		_ = client.SetLinger(0)
		_ = client.Close()
		return
	}
	done := make(chan struct{}, 2)
	copyTo := func(to, from *net.TCPConn) {
		_, _ = io.Copy(to, from)
		_ = to.CloseWrite()
		done <- struct{}{}
	}
	go copyTo(server, client)
	go copyTo(client, server)
	<-done
	<-done
	_ = client.Close()
	_ = server.Close()
}

func dialIn(namespace *os.File, target string, from *net.TCPAddr) (*net.TCPConn, error) {
	type result struct {
		connection net.Conn
		err        error
	}
	dialled := make(chan result, 1)
	go func() {
		// The thread is never unlocked: it ends with this function, and its namespace with it.
		runtime.LockOSThread()
		if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET); err != nil {
			dialled <- result{nil, err}
			return
		}
		dialer := net.Dialer{Timeout: 30 * time.Second, LocalAddr: from, FallbackDelay: -1}
		connection, err := dialer.Dial("tcp4", target)
		dialled <- result{connection, err}
	}()
	got := <-dialled
	if got.err != nil {
		return nil, got.err
	}
	return got.connection.(*net.TCPConn), nil
}
