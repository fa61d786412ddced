using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using VipOperator.Documents;

namespace VipOperator.Agent.Configuration;

/// <summary>
/// What a configuration file says, or everything that is wrong with it as "FILE:LINE:COLUMN: …" lines.
/// </summary>
internal sealed record ConfigurationFile(ImmutableArray<MemberEntry> Members, ImmutableArray<string> Problems)
{
    /// <summary>254 peers of 64 members are far below it.</summary>
    public const int LargestBytes = 1024 * 1024;

    /// <summary>The file just before it was read.</summary>
    public FileMark Mark { get; private init; }

    public static ConfigurationFile Load(string path)
    {
        FileMark mark = FileMark.Of(path);
        return Read(path) with { Mark = mark };
    }

    private static ConfigurationFile Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[LargestBytes + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > LargestBytes)
                return Failed($"{path}:1:1: the file is larger than {LargestBytes / 1024} KiB");
            return Parse(path, new UTF8Encoding(false, throwOnInvalidBytes: true)
                .GetString(WithoutMark(bytes.AsSpan(0, length))));
        }
        catch (DecoderFallbackException)
        {
            return Failed($"{path}:1:1: the file is not UTF-8");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed($"{path}:1:1: the file cannot be read: {e.Message}");
        }
    }

    /// <param name="path">For the messages.</param>
    public static ConfigurationFile Parse(string path, string text)
    {
        List<TextProblem> problems = [];
        List<MemberEntry> members = [];
        Dictionary<string, TextPosition> names = new(StringComparer.Ordinal);
        ConflictFinder conflicts = new();
        foreach (YamlNode node in YamlReader.Read(text, problems))
        {
            if (YamlJson.Convert(node, problems) is not var (document, map))
                continue;
            using (document)
                ReadMember(document.RootElement, map, names, conflicts, members, problems);
        }

        if (members.Count == 0 && problems.Count == 0)
            problems.Add(new TextProblem(
                new TextPosition(1, 1), "there is no document; at least one VirtualIPMember is needed"));
        return problems.Count == 0
            ? new ConfigurationFile([.. members], [])
            : new ConfigurationFile([], [.. problems
                .OrderBy(p => p.Position.Line).ThenBy(p => p.Position.Column)
                .Select(p => $"{path}:{p.Position.Line}:{p.Position.Column}: {p.Message}")
                .Distinct(StringComparer.Ordinal)]);
    }

    private static void ReadMember(
        JsonElement document,
        YamlJson map,
        Dictionary<string, TextPosition> names,
        ConflictFinder conflicts,
        List<MemberEntry> members,
        List<TextProblem> problems)
    {
        MemberEntry? entry = MemberReader.Read(document, strict: true);
        foreach (SpecProblem problem in entry?.Problems ?? [.. MemberSchema.Check(document, strict: true)])
        {
            if (!map.Refused.Contains(problem.Path))
                problems.Add(new TextProblem(map.PositionOf(problem.Path), problem.ToString()));
        }

        if (entry is null)
            return;
        if (!names.TryAdd(entry.Key, map.PositionOf("metadata.name")))
            problems.Add(new TextProblem(map.PositionOf("metadata.name"),
                $"metadata.name: {entry.Key} stands at line {names[entry.Key].Line} already"));
        else if (entry.Member is not null && conflicts.Add(entry.Key, entry.Member) is { } conflict)
            problems.Add(new TextProblem(map.PositionOf(conflict.Path), conflict.ToString()));
        members.Add(entry);
    }

    private static ConfigurationFile Failed(string problem) => new([], [problem]);

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
}
