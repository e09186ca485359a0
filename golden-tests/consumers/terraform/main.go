// Command terraform-config reads a file of Terraform's JSON syntax with the parser of Terraform and the schemas of its provider for Amazon, and
// prints the calls of Application Auto Scaling that the provider would make of it.
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

//go:embed schema.json
var provider []byte

// A block of a resource. Every block stands at most once.
type block struct {
	Required map[string]string
	Optional map[string]string
	Blocks   map[string]block
	Least    int
}

// A call of Application Auto Scaling.
type call struct {
	Kind string         `json:"kind"`
	Body map[string]any `json:"body"`
}

// What the calls are, and what they call the `name` of a resource, in the order in which resources are read: policies refer to targets.
var kinds = []struct{ resource, kind, name string }{
	{"aws_appautoscaling_target", "scalable-target", ""},
	{"aws_appautoscaling_policy", "policy", "PolicyName"},
	{"aws_appautoscaling_scheduled_action", "scheduled", "ScheduledActionName"},
}

var types = map[string]cty.Type{"bool": cty.Bool, "number": cty.Number, "string": cty.String}

func main() {
	text, err := os.ReadFile(os.Args[1])
	check(err)
	var schema struct{ Resources map[string]block }
	check(json.Unmarshal(provider, &schema))
	file, diagnostics := hcljson.Parse(text, os.Args[1])
	checkAll(diagnostics)
	root, diagnostics := file.Body.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "terraform"}, {Type: "resource", LabelNames: []string{"type", "name"}},
	}})
	checkAll(diagnostics)
	checkProvider(root.Blocks.OfType("terraform"))
	resources := root.Blocks.OfType("resource")
	for _, it := range resources {
		if _, ok := schema.Resources[it.Labels[0]]; !ok {
			fail(fmt.Sprintf("the provider has no resource %q here", it.Labels[0]))
		}
		if !hclsyntax.ValidIdentifier(it.Labels[1]) {
			fail(fmt.Sprintf("%q is no name of a resource", it.Labels[1]))
		}
	}
	calls := []call{}
	context := &hcl.EvalContext{Variables: map[string]cty.Value{}}
	for _, kind := range kinds {
		named := map[string]cty.Value{}
		for _, it := range resources {
			if it.Labels[0] != kind.resource {
				continue
			}
			if _, ok := named[it.Labels[1]]; ok {
				fail(fmt.Sprintf("%s.%s stands twice", kind.resource, it.Labels[1]))
			}
			values := resource(it.Body, schema.Resources[kind.resource], context)
			checkCooldowns(values)
			named[it.Labels[1]] = cty.ObjectVal(values)
			calls = append(calls, call{kind.kind, body(values, kind.name)})
		}
		context.Variables[kind.resource] = cty.ObjectVal(named)
	}
	check(json.NewEncoder(os.Stdout).Encode(calls))
}

func checkProvider(blocks hcl.Blocks) {
	for _, it := range blocks {
		content, diagnostics := it.Body.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "required_providers"}}})
		checkAll(diagnostics)
		for _, providers := range content.Blocks {
			attributes, diagnostics := providers.Body.JustAttributes()
			checkAll(diagnostics)
			for name, attribute := range attributes {
				value, diagnostics := attribute.Expr.Value(nil)
				checkAll(diagnostics)
				if name != "aws" || value.GetAttr("source").AsString() != "hashicorp/aws" {
					fail("another provider is asked for")
				}
			}
		}
	}
}

// The arguments and blocks of a resource, and what Terraform itself reads of it.
func resource(body hcl.Body, schema block, context *hcl.EvalContext) map[string]cty.Value {
	own, rest, diagnostics := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "lifecycle"}}})
	checkAll(diagnostics)
	for _, it := range own.Blocks {
		content, diagnostics := it.Body.Content(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "ignore_changes"}}})
		checkAll(diagnostics)
		for _, attribute := range content.Attributes {
			names, diagnostics := hcl.ExprList(attribute.Expr)
			checkAll(diagnostics)
			for _, name := range names {
				traversal, diagnostics := hcl.RelTraversalForExpr(name)
				checkAll(diagnostics)
				argument := hcl.ExprAsKeyword(name)
				if len(traversal) != 1 || schema.Required[argument]+schema.Optional[argument] == "" {
					fail(fmt.Sprintf("changes of %q cannot be ignored", argument))
				}
			}
		}
	}
	return read(rest, schema, context)
}

// The provider sends 0 for a cooldown that is left out, where Application Auto Scaling would take its own default.
func checkCooldowns(values map[string]cty.Value) {
	tracking, ok := values["target_tracking_scaling_policy_configuration"]
	for _, name := range []string{"scale_in_cooldown", "scale_out_cooldown"} {
		if ok && !tracking.Type().HasAttribute(name) {
			fail(fmt.Sprintf("%s is left out, so it is 0", name))
		}
	}
}

func read(body hcl.Body, schema block, context *hcl.EvalContext) map[string]cty.Value {
	wanted := &hcl.BodySchema{}
	for name := range schema.Required {
		wanted.Attributes = append(wanted.Attributes, hcl.AttributeSchema{Name: name, Required: true})
	}
	for name := range schema.Optional {
		wanted.Attributes = append(wanted.Attributes, hcl.AttributeSchema{Name: name})
	}
	for name := range schema.Blocks {
		wanted.Blocks = append(wanted.Blocks, hcl.BlockHeaderSchema{Type: name})
	}
	content, diagnostics := body.Content(wanted)
	checkAll(diagnostics)
	values := map[string]cty.Value{}
	for name, attribute := range content.Attributes {
		value, diagnostics := attribute.Expr.Value(context)
		checkAll(diagnostics)
		value, err := convert.Convert(value, types[schema.Required[name]+schema.Optional[name]])
		if err != nil {
			fail(fmt.Sprintf("%s: %s", name, err))
		}
		values[name] = value
	}
	for name, inner := range schema.Blocks {
		found := content.Blocks.OfType(name)
		if len(found) < inner.Least || len(found) > 1 {
			fail(fmt.Sprintf("%d blocks %s", len(found), name))
		}
		for _, it := range found {
			values[name] = cty.ObjectVal(read(it.Body, inner, context))
		}
	}
	return values
}

// What the provider sends: the same under the names of the API, capacities of a scheduled action as numbers.
func body(values map[string]cty.Value, name string) map[string]any {
	found := map[string]any{}
	for key, value := range values {
		switch {
		case key == "name":
			found[name] = value.AsString()
		case key == "scalable_target_action":
			capacities := map[string]any{}
			for capacity, number := range value.AsValueMap() {
				parsed, err := strconv.Atoi(number.AsString())
				check(err)
				capacities[pascal(capacity)] = parsed
			}
			found[pascal(key)] = capacities
		case value.Type().IsObjectType():
			found[pascal(key)] = body(value.AsValueMap(), "")
		default:
			text, err := json.Marshal(ctyjson.SimpleJSONValue{Value: value})
			check(err)
			found[pascal(key)] = json.RawMessage(text)
		}
	}
	return found
}

func pascal(name string) string {
	var out strings.Builder
	for _, word := range strings.Split(name, "_") {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func checkAll(diagnostics hcl.Diagnostics) {
	if diagnostics.HasErrors() {
		fail(diagnostics.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
