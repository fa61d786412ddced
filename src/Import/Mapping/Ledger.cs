namespace VipOperator.Import;

/// <summary>One entry for each directive: what became of it. Who knows more writes over what stood there.</summary>
internal sealed class Ledger
{
    private const int LongestText = 72;

    private readonly Dictionary<Directive, Finding> _findings = [];

    public void Mapped(Directive directive, string sentence) => Put(directive, Outcome.Mapped, sentence, false);

    public void Approximated(Directive directive, string sentence, bool decide = false) =>
        Put(directive, Outcome.Approximated, sentence, decide);

    public void Left(Directive directive, string sentence, bool decide = false) =>
        Put(directive, Outcome.Left, sentence, decide);

    /// <summary>Adds to what was said that it is not all; a person has to look at it.</summary>
    public void Qualify(Directive directive, string sentence)
    {
        Finding said = _findings[directive];
        _findings[directive] = said with
        {
            Outcome = said.Outcome == Outcome.Mapped ? Outcome.Approximated : said.Outcome,
            Sentence = $"{said.Sentence} {sentence}",
            NeedsDecision = true,
        };
    }

    /// <summary>The directive and all in its block that nothing is known of yet.</summary>
    public void LeftWhole(Directive directive, string sentence, bool decide = false)
    {
        Left(directive, sentence, decide);
        foreach (Directive inner in directive.Descendants.Where(d => !Has(d)))
            Left(inner, $"It belongs to {directive.Name} in line {directive.Place.Line}.");
    }

    public bool Has(Directive directive) => _findings.ContainsKey(directive);

    /// <summary>What became of each line of a host, in the order of its files, then of the lines.</summary>
    public IReadOnlyList<Finding> Of(HostConfiguration host)
    {
        List<Finding> findings =
        [
            .. host.Text.Notes.Select(Of),
            .. host.Text.Directives.SelectMany(d => d.Descendants.Prepend(d)).Select(d => _findings[d]),
        ];
        List<string> files = [.. findings.Select(f => f.Place.File).Prepend(host.Host.Path).Distinct()];
        // A stable sort: what stands on one line stays in its order.
        return [.. findings.OrderBy(f => files.IndexOf(f.Place.File)).ThenBy(f => f.Place.Line)];
    }

    private static Finding Of(SourceNote note) => note.Kind switch
    {
        SourceNoteKind.Definition =>
            new Finding(note.Place, note.Text, Outcome.Mapped, $"It is put in wherever ${note.Detail} stands.", false),
        SourceNoteKind.OtherHost => new Finding(
            note.Place, FirstWords(note.Text), Outcome.Mapped,
            $"This host is another one than {note.Detail} means, so it does not count here.", false),
        SourceNoteKind.Include => new Finding(note.Place, note.Text, Outcome.Mapped, "The files are read.", false),
        SourceNoteKind.IncludeNothing => new Finding(
            note.Place, note.Text, Outcome.Left,
            "There is no such file here, and keepalived goes on without it; see that nothing is missing.", true),
        SourceNoteKind.Repetition => new Finding(
            note.Place, Cut(note.Text), Outcome.Mapped, "The line is read once for each of the values.", false),
    };

    private void Put(Directive directive, Outcome outcome, string sentence, bool decide) =>
        _findings[directive] = new Finding(directive.Place, TextOf(directive), outcome, sentence, decide);

    // Passwords and keys stand in the Secret alone.
    private static string TextOf(Directive directive) => directive.Kind == DirectiveKind.Unknown
        ? directive.Name
        : directive.Name switch
        {
            "auth_pass" or "password" => directive.Name,
            "key" => $"key {directive.Argument}",
            "script" => Cut(Recogniser.WithoutSecrets(directive.Text)),
            _ => Cut(directive.Text),
        };

    // A condition for another host may hide a password too, in a setting or in a definition.
    private static string FirstWords(string text) => string.Join(
        ' ', text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(2).Select(
            w => w.StartsWith('$') ? w[..(w.IndexOf('=', StringComparison.Ordinal) + 1)] : w));

    private static string Cut(string text) => text.Length <= LongestText ? text : text[..(LongestText - 1)] + '…';
}
