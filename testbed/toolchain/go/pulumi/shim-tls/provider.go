// Package shim hands out the Terraform provider "tls".
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	tls "github.com/hashicorp/terraform-provider-tls/internal/provider"
)

// New returns the provider.
func New() provider.Provider { return tls.New() }
