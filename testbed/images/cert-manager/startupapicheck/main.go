// Command startupapicheck waits until cert-manager's API answers, as cert-manager's own does: its command is not
// published as a module, what it asks with is.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"
	"sigs.k8s.io/controller-runtime/pkg/client/config"

	"github.com/cert-manager/cert-manager/pkg/util/cmapichecker"
)

func main() {
	if err := check(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func check(ctx context.Context, args []string) error {
	flags := pflag.NewFlagSet("startupapicheck", pflag.ContinueOnError)
	wait := flags.Duration("wait", 0, "how long to wait for the API")
	interval := flags.Duration("interval", 5*time.Second, "time between two questions")
	flags.CountP("verbose", "v", "accepted, without effect")
	flags.String("namespace", os.Getenv("POD_NAMESPACE"), "namespace of the question")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 || flags.Arg(0) != "check" || flags.Arg(1) != "api" {
		return fmt.Errorf("usage: startupapicheck check api [flags]")
	}
	settings, err := config.GetConfig()
	if err != nil {
		return err
	}
	checker, err := cmapichecker.New(settings, flags.Lookup("namespace").Value.String())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, max(*wait, time.Second))
	defer cancel()
	for {
		err := checker.Check(ctx)
		if err == nil {
			fmt.Println("The cert-manager API is ready")
			return nil
		}
		fmt.Fprintln(os.Stderr, "Not ready:", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(*interval):
		}
	}
}
