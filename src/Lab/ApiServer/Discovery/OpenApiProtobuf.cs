using System.Text.Json.Nodes;
using Google.Protobuf;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Discovery;

/// <summary>
/// An OpenAPI v2 document in the protobuf form that kubectl asks for (message <c>openapi.v2.Document</c> of gnostic),
/// as far as <see cref="OpenApiDocuments"/> makes use of it. The numbers are the field numbers of its messages.
/// </summary>
internal static class OpenApiProtobuf
{
    public static byte[] Encode(JsonObject document) => Message(m =>
    {
        m.Text(1, document.Text("swagger"));
        m.Nested(2, info =>
        {
            info.Text(1, document.Text("info", "title"));
            info.Text(2, document.Text("info", "version"));
        });
        m.Nested(8, paths => Named(paths, 2, document.Map("paths"), PathItem));
        m.Nested(9, definitions => Named(definitions, 1, document.Map("definitions"), SchemaOf));
    });

    private static void PathItem(MessageWriter m, JsonObject item)
    {
        foreach ((string method, int field) in new[] { ("get", 2), ("put", 3), ("post", 4), ("patch", 8) })
            if (item[method] is JsonObject operation)
                m.Nested(field, o => Operation(o, operation));
    }

    private static void Operation(MessageWriter m, JsonObject operation)
    {
        m.Text(3, operation.Text("description"));
        m.Text(5, operation.Text("operationId"));
        foreach (JsonNode? parameter in operation.Items("parameters"))
        {
            // ParametersItem.parameter → Parameter.non_body_parameter → NonBodyParameter.query_parameter_sub_schema
            m.Nested(8, item => item.Nested(1, p => p.Nested(2, nonBody => nonBody.Nested(3, query =>
            {
                query.Text(2, parameter.Text("in"));
                query.Text(4, parameter.Text("name"));
                query.Text(6, parameter.Text("type"));
                query.Flag(18, parameter.Boolean("uniqueItems") ?? false);
            }))));
        }
        m.Nested(9, responses => Named(responses, 1, operation.Map("responses"), (value, response) =>
            value.Nested(1, r =>
            {
                r.Text(1, response.Text("description"));
                if (response["schema"] is JsonObject schema)
                    r.Nested(2, item => item.Nested(1, s => SchemaOf(s, schema)));
            })));
        Extensions(m, 13, operation);
    }

    private static void SchemaOf(MessageWriter m, JsonObject schema)
    {
        m.Text(1, schema.Text("$ref"));
        m.Text(2, schema.Text("format"));
        m.Text(3, schema.Text("title"));
        m.Text(4, schema.Text("description"));
        m.Number(7, schema["maximum"]);
        m.Flag(8, schema.Boolean("exclusiveMaximum") ?? false);
        m.Number(9, schema["minimum"]);
        m.Flag(10, schema.Boolean("exclusiveMinimum") ?? false);
        m.Integer(11, schema.Integer("maxLength"));
        m.Integer(12, schema.Integer("minLength"));
        m.Text(13, schema.Text("pattern"));
        m.Integer(14, schema.Integer("maxItems"));
        m.Integer(15, schema.Integer("minItems"));
        m.Flag(16, schema.Boolean("uniqueItems") ?? false);
        m.Integer(17, schema.Integer("maxProperties"));
        m.Integer(18, schema.Integer("minProperties"));
        foreach (string name in schema.Texts("required")) m.Text(19, name);
        foreach (JsonNode? value in schema.Items("enum")) m.Nested(20, any => any.Text(2, JsonText.Of(value)));
        if (schema["additionalProperties"] is JsonObject additional)
            m.Nested(21, item => item.Nested(1, s => SchemaOf(s, additional)));
        else if (schema.Boolean("additionalProperties") is { } allowed) m.Nested(21, item => item.Flag(2, allowed));
        if (schema.Text("type") is { Length: > 0 } type) m.Nested(22, item => item.Text(1, type));
        if (schema["items"] is JsonObject items) m.Nested(23, item => item.Nested(1, s => SchemaOf(s, items)));
        foreach (JsonObject part in schema.Items("allOf").OfType<JsonObject>()) m.Nested(24, s => SchemaOf(s, part));
        if (schema["properties"] is JsonObject properties) m.Nested(25, p => Named(p, 1, properties, SchemaOf));
        Extensions(m, 31, schema);
    }

    private static void Extensions(MessageWriter m, int field, JsonObject owner)
    {
        foreach ((string name, JsonNode? value) in owner.Where(p => p.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            m.Nested(field, named =>
            {
                named.Text(1, name);
                // Any.yaml: JSON is YAML.
                named.Nested(2, any => any.Text(2, JsonText.Of(value)));
            });
        }
    }

    private static void Named(MessageWriter m, int field, JsonObject? values, Action<MessageWriter, JsonObject> write)
    {
        foreach ((string name, JsonNode? value) in values ?? [])
        {
            m.Nested(field, named =>
            {
                named.Text(1, name);
                named.Nested(2, v => write(v, value as JsonObject ?? []));
            });
        }
    }

    private static byte[] Message(Action<MessageWriter> write)
    {
        using MemoryStream bytes = new();
        using (CodedOutputStream stream = new(bytes, leaveOpen: true))
        {
            write(new MessageWriter(stream));
        }
        return bytes.ToArray();
    }

    /// <summary>Writes fields of one message; what has proto3's default value is left out.</summary>
    private sealed class MessageWriter(CodedOutputStream stream)
    {
        public void Text(int field, string value)
        {
            if (value.Length == 0) return;
            stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
            stream.WriteString(value);
        }

        public void Flag(int field, bool value)
        {
            if (!value) return;
            stream.WriteTag(field, WireFormat.WireType.Varint);
            stream.WriteBool(value);
        }

        public void Integer(int field, long? value)
        {
            if (value is null or 0) return;
            stream.WriteTag(field, WireFormat.WireType.Varint);
            stream.WriteInt64(value.Value);
        }

        public void Number(int field, JsonNode? value)
        {
            if (!value.TryNumber(out double number) || number == 0) return;
            stream.WriteTag(field, WireFormat.WireType.Fixed64);
            stream.WriteDouble(number);
        }

        public void Nested(int field, Action<MessageWriter> write)
        {
            stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
            stream.WriteBytes(ByteString.CopyFrom(Message(write)));
        }
    }
}
