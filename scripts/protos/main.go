// Prints the fields of Envoy's API messages as JSON, for scripts/gen-protos.ts. The arguments are directories of Go
// modules. Each generated .pb.go file holds the descriptor of its .proto file as a literal, which is read without
// compiling the file: that would take minutes. src/dump/proto-fields.ts describes what is printed.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cncf/xds/go/udpa/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// What a dump consists of, and the messages that stand in an Any. The v2 API and the requests of services are printed
// only where one of these has a field of their types.
var roots = []string{"envoy.admin.v3", "envoy.config.", "envoy.extensions.", "udpa.type.v1", "xds.type.v3"}

type message struct {
	home       string
	descriptor *descriptorpb.DescriptorProto
}

// By full name, with the leading dot that descriptors write.
var messages = map[string]message{}

// By package and by name in it: the fields.
var printed = map[string]map[string]string{}

func main() {
	for _, directory := range os.Args[1:] {
		must(filepath.WalkDir(directory, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".pb.go") {
				readFile(path)
			}
			return err
		}))
	}
	for name, message := range messages {
		if isRoot(message.home) {
			add(name)
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	must(encoder.Encode(printed))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func readFile(path string) {
	source, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	must(err)
	ast.Inspect(source, func(node ast.Node) bool {
		spec, isConstant := node.(*ast.ValueSpec)
		if !isConstant || !strings.HasSuffix(spec.Names[0].Name, "_proto_rawDesc") || len(spec.Values) != 1 {
			return true
		}
		file := &descriptorpb.FileDescriptorProto{}
		must(proto.Unmarshal([]byte(text(spec.Values[0])), file))
		remember(file.GetPackage(), "."+file.GetPackage(), file.GetMessageType())
		return false
	})
}

// String literals with `+` between them; older generators write a list of bytes.
func text(expression ast.Expr) string {
	switch one := expression.(type) {
	case *ast.BasicLit:
		value, err := strconv.Unquote(one.Value)
		must(err)
		return value
	case *ast.BinaryExpr:
		return text(one.X) + text(one.Y)
	case *ast.CompositeLit:
		bytes := make([]byte, len(one.Elts))
		for i, element := range one.Elts {
			value, err := strconv.ParseUint(element.(*ast.BasicLit).Value, 0, 8)
			must(err)
			bytes[i] = byte(value)
		}
		return string(bytes)
	}
	panic(fmt.Sprintf("a descriptor is written in another way: %T", expression))
}

func remember(home, prefix string, descriptors []*descriptorpb.DescriptorProto) {
	for _, descriptor := range descriptors {
		name := prefix + "." + descriptor.GetName()
		messages[name] = message{home, descriptor}
		remember(home, name, descriptor.GetNestedType())
	}
}

func isRoot(home string) bool {
	for _, root := range roots {
		if strings.HasPrefix(home, root) && !strings.HasSuffix(home, ".v2") && !strings.HasSuffix(home, ".v2alpha") {
			return true
		}
	}
	return false
}

func add(name string) {
	message, isKnown := messages[name]
	if !isKnown {
		panic(name + ": no module has this message")
	}
	home := message.home
	short := strings.TrimPrefix(name, "."+home+".")
	if _, isPrinted := printed[home][short]; isPrinted || home == "google.protobuf" || message.descriptor.GetOptions().GetMapEntry() {
		return
	}
	if printed[home] == nil {
		printed[home] = map[string]string{}
	}
	printed[home][short] = "" // A message can hold itself.
	var fields []string
	for _, field := range message.descriptor.GetField() {
		fields = append(fields, describe(field, message))
	}
	printed[home][short] = strings.Join(fields, ",")
}

func describe(field *descriptorpb.FieldDescriptorProto, message message) string {
	if field.GetJsonName() != camelCase(field.GetName()) {
		panic(fmt.Sprintf("%s of %s has a JSON name of its own: the table has no place for it", field.GetName(), message.home))
	}
	text := fmt.Sprintf("%s=%d %s", field.GetName(), field.GetNumber(), listOrMap(field, message.home))
	if isSensitive, _ := proto.GetExtension(field.GetOptions(), annotations.E_Sensitive).(bool); isSensitive {
		text += "!"
	}
	if field.OneofIndex != nil && !field.GetProto3Optional() {
		text += " " + message.descriptor.GetOneofDecl()[field.GetOneofIndex()].GetName()
	}
	return text
}

func listOrMap(field *descriptorpb.FieldDescriptorProto, home string) string {
	if field.GetLabel() != descriptorpb.FieldDescriptorProto_LABEL_REPEATED {
		return typeOf(field, home)
	}
	entry, isKnown := messages[field.GetTypeName()]
	if isKnown && entry.descriptor.GetOptions().GetMapEntry() {
		key, value := entry.descriptor.GetField()[0], entry.descriptor.GetField()[1]
		return "{" + typeOf(key, home) + "}" + typeOf(value, home)
	}
	return "[]" + typeOf(field, home)
}

func typeOf(field *descriptorpb.FieldDescriptorProto, home string) string {
	switch field.GetType() {
	case descriptorpb.FieldDescriptorProto_TYPE_ENUM:
		return "%" + short(field.GetTypeName(), home)
	case descriptorpb.FieldDescriptorProto_TYPE_MESSAGE:
		if !strings.HasPrefix(field.GetTypeName(), ".google.protobuf.") {
			add(field.GetTypeName())
		}
		return short(field.GetTypeName(), home)
	}
	return strings.ToLower(strings.TrimPrefix(field.GetType().String(), "TYPE_"))
}

func short(name, home string) string {
	if own, isOwn := strings.CutPrefix(name, "."+home+"."); isOwn {
		return "~" + own
	}
	if own, isGoogle := strings.CutPrefix(name, ".google.protobuf."); isGoogle {
		return "@" + own
	}
	return strings.TrimPrefix(name, ".")
}

// As protoc makes JSON names of field names.
func camelCase(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}
