// The small programs that a node of the bench needs besides those of Kubernetes, in one static binary. It also is the
// node's pause container, and so depends on nothing.
package main

import (
	"fmt"
	"os"
)

var commands = map[string]func(arguments []string) error{
	"hold":    hold,
	"init":    beInit,
	"pause":   pause,
	"forward": forward,
	"pki":     makePki,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: datalab-node hold|init|pause|forward|pki")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
