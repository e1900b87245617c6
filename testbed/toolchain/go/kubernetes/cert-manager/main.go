// Command cert-manager runs cert-manager's controller, webhook or cainjector as a local process against a kubeconfig.
//
// The commands of the project itself are not published as modules; this one does what they do, with the issuers that a
// cluster without a public address can use (CA and self-signed). It takes the arguments of the chart's containers as they are.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
	logsapi "k8s.io/component-base/logs/api/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

// command declares its flags and returns what is to be run once they are read.
type command func(flags *pflag.FlagSet) (run func(ctx context.Context) error, logging *logsapi.LoggingConfiguration, err error)

var commands = map[string]command{"controller": controllerCommand, "webhook": webhookCommand, "cainjector": cainjectorCommand}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := execute(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cert-manager:", err)
		os.Exit(1)
	}
}

func execute(ctx context.Context, args []string) error {
	if len(args) == 0 || commands[args[0]] == nil {
		return fmt.Errorf("usage: cert-manager controller|webhook|cainjector --kubeconfig <file> [flags]")
	}
	name := args[0]
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	run, logging, err := commands[name](flags)
	if err != nil {
		return err
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	logf.InitLogs()
	defer logf.FlushLogs()
	if err := logf.ValidateAndApply(logging); err != nil {
		return err
	}
	ctrl.SetLogger(logf.Log)
	return run(logf.NewContext(ctx, logf.Log, name))
}

// ignored accepts flags of the chart's containers that mean nothing to a single local process.
func ignored(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		flags.String(name, "", "accepted, without effect")
	}
}
