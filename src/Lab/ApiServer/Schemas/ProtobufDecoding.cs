using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Ownership;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>
/// Reads built-in objects in Kubernetes' protobuf encoding, which clients with compiled-in types (<c>kubectl
/// create</c>, <c>kubectl auth can-i</c>) send: an envelope with version and kind around the message.
/// </summary>
internal static class ProtobufDecoding
{
    private static readonly byte[] Magic = [(byte)'k', (byte)'8', (byte)'s', 0];

    /// <summary>Fields whose zero is a statement; of others it is what the encoding writes for absence.</summary>
    private static readonly HashSet<string> MeaningfulZeros = new(StringComparer.Ordinal)
    {
        "replicas", "gracePeriodSeconds", "terminationGracePeriodSeconds", "runAsUser", "runAsGroup", "fsGroup",
        "revisionHistoryLimit", "automountServiceAccountToken", "enableServiceLinks", "allowPrivilegeEscalation",
        "readOnlyRootFilesystem", "runAsNonRoot", "privileged", "optional", "controller",
        "blockOwnerDeletion", "immutable",
    };

    /// <exception cref="MalformedDocumentException">No such envelope, or not such a message.</exception>
    public static JsonObject Decode(byte[] body, Schema schema)
    {
        if (!body.AsSpan().StartsWith(Magic))
            throw new MalformedDocumentException(
                "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        try
        {
            JsonObject document = [];
            ByteString raw = ByteString.Empty;
            CodedInputStream envelope = new(body, Magic.Length, body.Length - Magic.Length);
            while (envelope.ReadTag() is var tag and not 0)
            {
                switch (WireFormat.GetTagFieldNumber(tag))
                {
                    case 1:
                        ReadTypeMeta(envelope.ReadBytes(), document);
                        break;
                    case 2:
                        raw = envelope.ReadBytes();
                        break;
                    default:
                        envelope.SkipLastField();
                        break;
                }
            }
            foreach ((string name, JsonNode? value) in Message(raw, schema)) document[name] = value?.DeepClone();
            return document;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new MalformedDocumentException(e.Message, e);
        }
    }

    private static void ReadTypeMeta(ByteString bytes, JsonObject document)
    {
        CodedInputStream meta = bytes.CreateCodedInput();
        while (meta.ReadTag() is var tag and not 0)
        {
            string name = WireFormat.GetTagFieldNumber(tag) == 1 ? "apiVersion" : "kind";
            document[name] = meta.ReadString();
        }
    }

    private static JsonObject Message(ByteString bytes, Schema schema)
    {
        JsonObject result = [];
        Read(bytes, schema, [], result);
        return result;
    }

    /// <param name="prefix">Numbers of the inlined messages that lead here.</param>
    private static void Read(ByteString bytes, Schema schema, int[] prefix, JsonObject result)
    {
        CodedInputStream input = bytes.CreateCodedInput();
        while (input.ReadTag() is var tag and not 0)
        {
            int[] path = [.. prefix, WireFormat.GetTagFieldNumber(tag)];
            (string? name, Schema? field) = schema.Properties
                .Where(p => p.Value.ProtobufPath is { } own && own.AsSpan().SequenceEqual(path))
                .Select(p => (p.Key, p.Value)).FirstOrDefault();
            bool isInlined = field is null && schema.Properties.Values
                .Any(p => p.ProtobufPath is { } own && own.Length > path.Length && own.AsSpan().StartsWith(path));
            if (field is not null) Put(input, tag, name!, field, result);
            else if (isInlined) Read(input.ReadBytes(), schema, path, result);
            else input.SkipLastField();
        }
    }

    private static void Put(CodedInputStream input, uint tag, string name, Schema field, JsonObject result)
    {
        if (field is { Type: "array", Items: { } items })
        {
            if (result[name] is not JsonArray list) result[name] = list = [];
            list.Add(Value(input, tag, name, items, keepsZero: true));
        }
        else if (field.AdditionalProperties is { } values)
        {
            if (result[name] is not JsonObject map) result[name] = map = [];
            (string key, JsonNode? value) = Entry(input.ReadBytes(), values);
            map[key] = value;
        }
        else if (Value(input, tag, name, field, MeaningfulZeros.Contains(name)) is { } value) result[name] = value;
    }

    private static (string Key, JsonNode? Value) Entry(ByteString bytes, Schema values)
    {
        CodedInputStream entry = bytes.CreateCodedInput();
        string key = "";
        JsonNode? value = values.Type == "string" ? JsonValue.Create("") : null;
        while (entry.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1) key = entry.ReadString();
            else value = Value(entry, tag, "", values, keepsZero: true);
        }
        return (key, value);
    }

    private static JsonNode? Value(CodedInputStream input, uint tag, string name, Schema schema, bool keepsZero)
    {
        if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint)
        {
            long number = input.ReadInt64();
            if (number == 0 && !keepsZero) return null;
            return schema.Type == "boolean" ? JsonValue.Create(number != 0) : JsonValue.Create(number);
        }
        if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
        {
            input.SkipLastField();
            return null;
        }
        ByteString bytes = input.ReadBytes();
        if (schema.IntOrString) return IntOrString(bytes);
        if (schema.KeepsUnknown) return bytes.IsEmpty ? null : JsonDocumentReader.Read(First(bytes).Span);
        switch (schema.Type, schema.Format)
        {
            case ("string", "byte"):
                return JsonValue.Create(bytes.ToBase64());
            case ("string", "date-time" or "micro-time"):
                return Time(bytes, schema.Format == "micro-time");
            case ("string", "quantity"):
                return JsonValue.Create(First(bytes).ToStringUtf8());
            case ("string", _):
                return bytes.IsEmpty && !keepsZero ? null : JsonValue.Create(bytes.ToString(Encoding.UTF8));
            default:
                JsonObject message = Message(bytes, schema);
                return message.Count == 0 && !keepsZero && name is not ("emptyDir" or "securityContext")
                    ? null
                    : message;
        }
    }

    /// <summary>Field 1 of a message that has nothing else: quantities, raw JSON.</summary>
    private static ByteString First(ByteString bytes)
    {
        CodedInputStream message = bytes.CreateCodedInput();
        return message.ReadTag() == 0 ? ByteString.Empty : message.ReadBytes();
    }

    private static JsonValue? Time(ByteString bytes, bool isMicro)
    {
        long seconds = 0, nanoseconds = 0;
        CodedInputStream message = bytes.CreateCodedInput();
        while (message.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1) seconds = message.ReadInt64();
            else nanoseconds = message.ReadInt64();
        }
        if (bytes.IsEmpty) return null;
        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return JsonValue.Create(
            isMicro ? ManagedFields.MicroTimestamp(time.AddTicks(nanoseconds / 100)) : ManagedFields.Timestamp(time));
    }

    private static JsonValue IntOrString(ByteString bytes)
    {
        long type = 0, number = 0;
        string text = "";
        CodedInputStream message = bytes.CreateCodedInput();
        while (message.ReadTag() is var tag and not 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    type = message.ReadInt64();
                    break;
                case 2:
                    number = message.ReadInt64();
                    break;
                default:
                    text = message.ReadString();
                    break;
            }
        }
        return type == 0 ? JsonValue.Create(number) : JsonValue.Create(text);
    }
}
