namespace VipOperator.Import;

/// <summary>
/// The files that include one another, read as one: the innermost first, then what the same include names besides.
/// </summary>
internal sealed class OpenFiles(IConfigurationFiles files, string path, List<Problem> problems)
{
    /// <summary>keepalived's line buffer; longer lines it leaves out.</summary>
    private const int LongestLine = 1023;

    private const int Deepest = 64;

    private readonly Stack<OpenFile> _open = new();

    /// <summary>Of the line read last.</summary>
    public Place Place { get; private set; } = new(path, 0);

    /// <returns>Whether one of them could be opened; the others follow it.</returns>
    public bool Open(IReadOnlyList<string> paths) => OpenNext(new Queue<string>(paths));

    /// <param name="kind">
    /// What keepalived checks: r(eadable), m(atch), w(ildcard match), b(race match), a(ll); null: nothing.
    /// </param>
    /// <returns>Whether there was a file.</returns>
    public bool Include(string written, char? kind)
    {
        string named = written.StartsWith('/') ? written : FolderOf(Place.File) + written;
        List<string> found = PathPattern.Expand(named, files);
        if (_open.Count >= Deepest)
        {
            Fail($"files are included more than {Deepest} deep");
            return true;
        }

        bool opened = Open(found);
        if (!opened && kind is { } checks && MayNotBeMissing(checks, named))
            Fail($"there is no file {written}");
        return opened;
    }

    /// <returns>null at the end of the last file.</returns>
    public string? ReadLine()
    {
        while (_open.TryPeek(out OpenFile? file))
        {
            if (file.Next == file.Lines.Length)
            {
                _open.Pop();
                OpenNext(file.Others);
                continue;
            }

            string line = file.Lines[file.Next++].TrimEnd('\r');
            Place = new Place(file.Path, file.Next);
            if (line.Length > LongestLine)
                Fail($"the line is longer than {LongestLine} characters; keepalived leaves it out");
            else if (line.Contains('\0', StringComparison.Ordinal))
                Fail("the line holds a NUL character; is this a text file?");
            else
                return line;
        }

        return null;
    }

    private bool OpenNext(Queue<string> paths)
    {
        while (paths.TryDequeue(out string? next))
        {
            if (_open.Any(f => f.Path == next))
            {
                Fail($"{next} includes itself");
                continue;
            }

            FileText read = files.Read(next);
            if (read.Text is null)
            {
                // keepalived goes on without a file that it cannot read; the first file it needs.
                problems.Add(new Problem(
                    _open.Count == 0 && Place.Line == 0 ? new Place(next, 1) : Place, $"the file {next} {read.Error}",
                    IsFatal: Place.Line == 0));
                continue;
            }

            string[] lines = read.Text.Split('\n');
            // What follows the last line's end is no line.
            int count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
            _open.Push(new OpenFile(next, lines[..count], paths));
            return true;
        }

        return false;
    }

    // r minds files that cannot be read, m those that are not there, w patterns that nothing matches, b what braces
    // name.
    private static bool MayNotBeMissing(char kind, string path) => kind == 'a'
        || (path.Contains('{', StringComparison.Ordinal) ? kind == 'b' : PathPattern.HasWildcard(path)
            ? kind == 'w' : kind is 'm' or 'w');

    private void Fail(string message) => problems.Add(new Problem(Place, message, IsFatal: true));

    private static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];

    private sealed class OpenFile(string path, string[] lines, Queue<string> others)
    {
        public string Path { get; } = path;

        public string[] Lines { get; } = lines;

        /// <summary>What the same include names besides.</summary>
        public Queue<string> Others { get; } = others;

        public int Next { get; set; }
    }
}
