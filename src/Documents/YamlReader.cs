using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace VipOperator.Documents;

/// <summary>A problem at a place in a file.</summary>
public sealed record TextProblem(TextPosition Position, string Message);

/// <summary>
/// Reads YAML into nodes that know their places. What could surprise is refused and named: tags, merge keys, keys that
/// are no scalars or stand twice; nesting is bounded. An alias is the same node again, so it costs nothing here;
/// <see cref="YamlJson"/> bounds what it costs to write out.
/// </summary>
public sealed class YamlReader
{
    private const int DeepestNesting = 32;
    private const string StringTag = "tag:yaml.org,2002:str";

    private readonly Parser _parser;
    private readonly List<TextProblem> _problems;
    private readonly Dictionary<AnchorName, YamlNode> _anchors = [];

    private YamlReader(string text, List<TextProblem> problems)
    {
        _parser = new Parser(new StringReader(text));
        _problems = problems;
    }

    /// <summary>
    /// The documents of a text; empty ones are left out. Where the syntax is broken, reading ends with a problem.
    /// </summary>
    public static List<YamlNode> Read(string text, List<TextProblem> problems)
    {
        YamlReader reader = new(text, problems);
        List<YamlNode> documents = [];
        try
        {
            reader.ReadDocuments(documents);
        }
        catch (YamlException e)
        {
            problems.Add(new TextProblem(TextPosition.Of(e.Start), "is not YAML: " + Sentence(e)));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The library's scanner trips over some broken texts instead of refusing them; it got as far as this.
            Mark reached = reader._parser.Current?.End ?? Mark.Empty;
            problems.Add(new TextProblem(TextPosition.Of(reached), "is not YAML from here on"));
        }

        return documents;
    }

    private void ReadDocuments(List<YamlNode> documents)
    {
        _parser.Consume<StreamStart>();
        while (TryTake(out DocumentStart? _))
        {
            _anchors.Clear();
            YamlNode node = ReadNode(depth: 0);
            if (node is not YamlScalar { IsPlain: true, Value: "" or "~" or "null" })
                documents.Add(node);
            _parser.Consume<DocumentEnd>();
        }
    }

    private YamlNode ReadNode(int depth)
    {
        ParsingEvent here = _parser.Current!;
        if (depth > DeepestNesting)
            throw new YamlException(here.Start, here.End, $"Nested deeper than {DeepestNesting} levels.");
        if (TryTake(out AnchorAlias? alias))
        {
            return _anchors.TryGetValue(alias.Value, out YamlNode? known)
                ? known
                : throw new YamlException(here.Start, here.End, $"No anchor &{alias.Value} stands before this alias.");
        }

        YamlNode node;
        NodeEvent start;
        if (TryTake(out Scalar? scalar))
        {
            start = scalar;
            node = new YamlScalar(
                TextPosition.Of(here.Start), scalar.Value, scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty);
        }
        else if (TryTake(out SequenceStart? sequence))
        {
            start = sequence;
            YamlList list = new(TextPosition.Of(here.Start), []);
            while (!TryTake(out SequenceEnd? _))
                list.Items.Add(ReadNode(depth + 1));
            node = list;
        }
        else
        {
            start = _parser.Consume<MappingStart>();
            node = ReadMap(TextPosition.Of(here.Start), depth);
        }

        if (!start.Tag.IsEmpty && !(node is YamlScalar && start.Tag is { IsNonSpecific: true } or { Value: StringTag }))
            _problems.Add(new TextProblem(node.Position, "has a tag; tags are not allowed here"));
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor] = node;
        return node;
    }

    private YamlMap ReadMap(TextPosition position, int depth)
    {
        YamlMap map = new(position, []);
        HashSet<string> keys = new(StringComparer.Ordinal);
        while (!TryTake(out MappingEnd? _))
        {
            YamlNode key = ReadNode(depth + 1);
            YamlNode value = ReadNode(depth + 1);
            if (key is not YamlScalar scalar)
                _problems.Add(new TextProblem(key.Position, "is a key that is no plain word"));
            else if (scalar is { IsPlain: true, Value: "<<" })
                _problems.Add(new TextProblem(key.Position, "is a merge key; write the fields out instead"));
            else if (!keys.Add(scalar.Value))
                _problems.Add(new TextProblem(key.Position, $"'{scalar.Value}' stands here a second time"));
            else
                map.Entries.Add((scalar, value));
        }

        return map;
    }

    private bool TryTake<T>([NotNullWhen(true)] out T? taken)
        where T : ParsingEvent
    {
        taken = _parser.Current as T;
        if (taken is not null)
            _parser.MoveNext();
        return taken is not null;
    }

    // The library's messages begin with the marks, which are said already.
    private static string Sentence(YamlException e)
    {
        string message = e.InnerException?.Message ?? e.Message;
        int colon = message.StartsWith("(Line:", StringComparison.Ordinal)
            ? message.IndexOf("): ", StringComparison.Ordinal)
            : -1;
        if (colon >= 0)
            message = message[(colon + 3)..];
        return message.Length > 0 ? char.ToLowerInvariant(message[0]) + message[1..] : "cannot be read";
    }
}
