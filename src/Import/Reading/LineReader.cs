namespace VipOperator.Import;

/// <summary>A line as the blocks see it: no comment, nothing defined left in it, a brace always alone.</summary>
internal readonly record struct ConfigurationLine(string Text, Place Place);

/// <summary>
/// Turns files into lines as keepalived does, in its order: comments, definitions of several lines, @conditions,
/// definitions, repetitions, replacement, includes, braces.
/// </summary>
internal sealed class LineReader
{
    /// <summary>A definition or a repetition of a slip could make lines for ever.</summary>
    private const int MostLines = 1_000_000;

    private readonly OpenFiles _files;
    private readonly string _configurationId;
    private readonly List<Problem> _problems;
    private readonly List<SourceNote> _notes;
    private readonly Definitions _definitions = new();
    // What stands between the file and the blocks; the newest is read first.
    private readonly Stack<Pending> _pending = new();
    private string? _residue;
    private string? _continuedName;
    private List<string> _continued = [];
    private int _lineCount;

    /// <param name="path">The file.</param>
    /// <param name="files">Where it is.</param>
    /// <param name="configurationId">What conditions are compared with.</param>
    /// <param name="problems">Takes what keepalived would complain about.</param>
    /// <param name="notes">Takes the lines that no block sees.</param>
    public LineReader(
        string path, IConfigurationFiles files, string configurationId, List<Problem> problems, List<SourceNote> notes)
    {
        (_configurationId, _problems, _notes) = (configurationId, problems, notes);
        _files = new OpenFiles(files, path, problems);
        _files.Open([path]);
    }

    /// <summary>Of the line read last.</summary>
    public Place Place => _files.Place;

    /// <returns>false at the end.</returns>
    public bool Read(out ConfigurationLine line)
    {
        while (Next() is { } text)
        {
            if (++_lineCount > MostLines)
            {
                Fail($"the file makes more than {MostLines} lines of itself");
                break;
            }

            if (Prepare(text) is not { Length: > 0 } prepared || TakeInclude(prepared))
                continue;
            line = new ConfigurationLine(CutAtBrace(prepared), Place);
            return true;
        }

        line = default;
        return false;
    }

    private string? Next()
    {
        if (_residue is { } residue)
        {
            _residue = null;
            return residue;
        }

        while (_pending.TryPeek(out Pending? pending))
        {
            if (pending.Repetition is { IsAtEnd: false } repetition)
                return repetition.Next(_definitions);
            if (pending.Lines is { Count: > 0 } lines)
                return lines.Dequeue();
            _pending.Pop();
        }

        return NextOfFile();
    }

    private string? NextOfFile()
    {
        while (_files.ReadLine() is { } raw)
        {
            string text = Comments.Remove(raw, out bool unterminated);
            if (unterminated)
                Fail("a double quote has no second one on the line");
            // An empty line ends a definition of several lines, one with only a comment does not.
            if (_continuedName is not null && raw.Length == 0)
                EndDefinition();
            if (text.Length > 0)
                return text;
        }

        if (_continuedName is not null)
            EndDefinition();
        return null;
    }

    /// <returns>null: nothing is left of it.</returns>
    private string? Prepare(string text)
    {
        if (_continuedName is not null)
        {
            ContinueDefinition(text);
            return null;
        }

        // Each round replaces something, so that what comes out of it is looked at again.
        for (int round = 0; round < 100; round++)
        {
            if (text.StartsWith('@') && !TakeCondition(ref text))
                return null;
            if (Definitions.TryParse(text, out string name, out string value))
            {
                Define(name, value);
                return null;
            }

            if (Repetition.IsOne(text))
            {
                TakeRepetition(text);
                return null;
            }

            if (text.StartsWith('~') || !text.Contains('$', StringComparison.Ordinal))
                return text;
            string? replaced = _definitions.Replace(text, out List<string[]>? rest, out string? problem);
            if (problem is not null)
                Fail(problem);
            if (replaced is null)
                return text;
            foreach (string[] lines in rest ?? [])
                _pending.Push(new Pending(new Queue<string>(lines), null));
            text = Comments.Remove(replaced, out _);
            if (text.Length == 0)
                return null;
        }

        Fail("the definitions in this line never end");
        return null;
    }

    private bool TakeCondition(ref string text)
    {
        bool reversed = text.StartsWith("@^", StringComparison.Ordinal);
        int start = reversed ? 2 : 1;
        int end = text.AsSpan().IndexOfAny(' ', '\t');
        if (end < 0)
        {
            _notes.Add(new SourceNote(Place, text, SourceNoteKind.OtherHost, text[start..]));
            return false;
        }

        if (text.AsSpan(start, end - start).SequenceEqual(_configurationId) == reversed)
        {
            _notes.Add(new SourceNote(Place, text, SourceNoteKind.OtherHost, text[..end]));
            return false;
        }

        text = text[end..].TrimStart(' ', '\t');
        return true;
    }

    private void Define(string name, string value)
    {
        _notes.Add(new SourceNote(Place, $"${name}=", SourceNoteKind.Definition, name));
        if (!value.EndsWith('\\'))
        {
            _definitions.Set(name, value);
            return;
        }

        _continuedName = name;
        _continued = [];
        AddContinued(value);
    }

    private void ContinueDefinition(string text)
    {
        _notes.Add(new SourceNote(Place, $"${_continuedName}, continued", SourceNoteKind.Definition, _continuedName!));
        AddContinued(text);
        if (!text.EndsWith('\\'))
            EndDefinition();
    }

    private void AddContinued(string text)
    {
        string line = text.TrimEnd('\\').TrimEnd(' ', '\t');
        if (line.Length > 0)
            _continued.Add(line);
    }

    private void EndDefinition()
    {
        // The first line stands where the name was, and with several the name must be the last of its line.
        _definitions.Set(_continuedName!, _continued.Count > 0 ? [.. _continued] : [""]);
        _continuedName = null;
    }

    private void TakeRepetition(string text)
    {
        if (Repetition.Parse(text, _definitions) is { } repetition)
        {
            _notes.Add(new SourceNote(Place, text, SourceNoteKind.Repetition));
            _pending.Push(new Pending(null, repetition));
        }
        else
        {
            Fail($"'{text.Split('(')[0]}' is not written as ~SEQ(NAME, FIRST, STEP, LAST) or ~LST(NAME, VALUES…)");
        }
    }

    // include, and what keepalived checks of it as the last letter: r, m, w, b or a.
    private bool TakeInclude(string text)
    {
        if (!text.StartsWith("include", StringComparison.Ordinal))
            return false;
        int length = text.Length > 8 && "rmwba".Contains(text[7], StringComparison.Ordinal) ? 8 : 7;
        if (text.Length <= length || !Words.IsBlank(text[length]))
            return false;
        string written = text[length..].Trim();
        bool opened = _files.Include(written, length == 8 ? text[7] : null);
        _notes.Add(
            new SourceNote(Place, text, opened ? SourceNoteKind.Include : SourceNoteKind.IncludeNothing, written));
        return true;
    }

    // A brace that is in no double quotes ends a line, and what follows it is a line of its own.
    private string CutAtBrace(string text)
    {
        int brace = 0;
        if (text[0] is not ('{' or '}'))
        {
            bool quoted = false;
            while (brace < text.Length && (quoted || text[brace] is not ('{' or '}')))
            {
                quoted ^= text[brace] == '"';
                brace++;
            }

            if (brace == text.Length)
                return text;
        }
        else
        {
            brace = 1;
        }

        string residue = text[brace..].Trim(' ', '\t');
        _residue = residue.Length > 0 ? residue : null;
        return text[..brace].TrimEnd(' ', '\t');
    }

    private void Fail(string message) => _problems.Add(new Problem(Place, message, IsFatal: true));

    private sealed record Pending(Queue<string>? Lines, Repetition? Repetition);
}
