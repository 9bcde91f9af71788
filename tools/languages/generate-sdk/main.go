// Generates the SDK of a language from a Pulumi package schema, as `pulumi package gen-sdk` does with the language hosts
// of a release: generate-sdk <schema.json> <python|go> <folder>
//
// A warning of the binder about the schema is an error here.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "pulumi-defender-cancellation"

// Needs no plugins, because our schema refers to no other package.
var loader = schema.NewPluginLoader(nil)

func main() {
	if len(os.Args) != 4 {
		fail("usage: generate-sdk <schema.json> <python|go> <folder>")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}

func run(schemaFile, language, folder string) error {
	pkg, err := bind(schemaFile)
	if err != nil {
		return err
	}
	files, err := generate(pkg, language)
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func bind(schemaFile string) (*schema.Package, error) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, err
	}
	pkg, diagnostics, err := schema.BindSpec(spec, loader, schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	if len(diagnostics) > 0 {
		return nil, diagnostics
	}
	return pkg, nil
}

func generate(pkg *schema.Package, language string) (map[string][]byte, error) {
	switch language {
	case "python":
		return python.GeneratePackage(tool, pkg, nil, loader)
	case "go":
		return gen.GeneratePackage(tool, pkg, nil)
	default:
		return nil, fmt.Errorf("%s is not python or go", language)
	}
}
