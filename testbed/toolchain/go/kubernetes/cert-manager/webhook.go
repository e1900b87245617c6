package main

import (
	"context"

	"github.com/spf13/pflag"
	logsapi "k8s.io/component-base/logs/api/v1"

	"github.com/cert-manager/cert-manager/internal/webhook"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/webhook/options"
)

// webhookCommand takes every flag of the original.
func webhookCommand(flags *pflag.FlagSet) (func(ctx context.Context) error, *logsapi.LoggingConfiguration, error) {
	config, err := options.NewWebhookConfiguration()
	if err != nil {
		return nil, nil, err
	}
	// Fixed ports would collide between clusters side by side: metrics are off and health picks a port unless told otherwise.
	config.MetricsListenAddress = disabled
	config.HealthzPort = 0
	options.AddConfigFlags(flags, config)

	return func(ctx context.Context) error {
		server, err := webhook.NewCertManagerWebhookServer(logf.FromContext(ctx), *config)
		if err != nil {
			return err
		}
		return server.Run(ctx)
	}, &config.Logging, nil
}
