using YamlDotNet.Core;

namespace VipOperator.Documents;

/// <summary>A place in a file; both count from 1.</summary>
public readonly record struct TextPosition(long Line, long Column)
{
    public static TextPosition Of(Mark mark) => new(Math.Max(1, mark.Line), Math.Max(1, mark.Column));
}

/// <summary>A node of a YAML document with its place in the file.</summary>
public abstract record YamlNode(TextPosition Position);

public sealed record YamlScalar(TextPosition Position, string Value, bool IsPlain) : YamlNode(Position);

public sealed record YamlList(TextPosition Position, List<YamlNode> Items) : YamlNode(Position);

public sealed record YamlMap(TextPosition Position, List<(YamlScalar Key, YamlNode Value)> Entries)
    : YamlNode(Position);
