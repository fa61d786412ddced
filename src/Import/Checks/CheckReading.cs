namespace VipOperator.Import;

/// <summary>What a check script asks: the one question that a probe can stand for, and what else there is.</summary>
/// <param name="Question">null: none that a probe could stand for.</param>
/// <param name="Lost">Pieces of the script that have no say in the probe.</param>
/// <param name="IsWhole">All was understood; otherwise it is not certain how its parts hang together.</param>
/// <param name="Inverted">Where there is no question: one at whose good answer the check fails; null: none.</param>
internal sealed record CheckReading(
    Question? Question, IReadOnlyList<string> Lost, bool IsWhole, Question? Inverted = null)
{
    /// <summary>Each doubles the runs; no check that people write has more.</summary>
    private const int MostUnknowns = 8;

    /// <summary>
    /// Runs the script with each combination of answers: a question of which a good answer makes the check pass, and
    /// never fail, is what a probe asks.
    /// </summary>
    public static CheckReading Of(string script, Questions questions)
    {
        if (ShellParser.Read(script) is not { } node)
            return Scan(script, questions);
        List<(Question? Question, string Text)> unknowns = [];
        bool[] passes = [];
        do
        {
            if (unknowns.Count > MostUnknowns)
                return Scan(script, questions);
            passes = new bool[1 << unknowns.Count];
        }
        while (!TryRun(node, questions, unknowns, passes));
        return Judge(unknowns, passes);
    }

    // false: it asked what it had not asked before, so there are more combinations than were thought.
    private static bool TryRun(
        ShellNode node, Questions questions, List<(Question? Question, string Text)> unknowns, bool[] passes)
    {
        int count = unknowns.Count;
        for (int answers = 0; answers < passes.Length; answers++)
        {
            int given = answers;
            passes[answers] = new CheckRun(questions, Answer).Passes(node);
            if (unknowns.Count > count)
                return false;

            bool Answer(Question? question, string text)
            {
                int at = unknowns.FindIndex(u => question is null
                    ? u.Question is null && u.Text == text
                    : question.Target == u.Question?.Target);
                if (at < 0)
                    unknowns.Add((question, text));
                else if (question?.Lost.Except(unknowns[at].Question!.Lost).ToArray() is { Length: > 0 } more)
                    unknowns[at] = (unknowns[at].Question!.Losing(more), unknowns[at].Text);
                return at < 0 || (given & (1 << at)) != 0;
            }
        }

        return true;
    }

    private static CheckReading Judge(List<(Question? Question, string Text)> unknowns, bool[] passes)
    {
        int chosen = -1;
        Question? inverted = null;
        for (int i = 0; i < unknowns.Count; i++)
        {
            if (unknowns[i].Question is not { } question)
                continue;
            if (Turns(i, to: false))
                inverted ??= question;
            else if (Turns(i, to: true) && (chosen < 0 || unknowns[chosen].Question!.Rank > question.Rank))
                chosen = i;
        }

        if (chosen < 0)
            return new CheckReading(null, [], IsWhole: true, inverted);
        IEnumerable<string> others = unknowns.Where((u, i) =>
            i != chosen && (u.Question is null || Turns(i, to: true) || Turns(i, to: false))).Select(u => u.Text);
        Question asked = unknowns[chosen].Question!;
        return new CheckReading(asked, [.. asked.Lost, .. others], IsWhole: true);

        // Whether a good answer instead of a bad one makes the check pass, or fail, for any answers to the others.
        bool Turns(int at, bool to) => Enumerable.Range(0, passes.Length).Any(
            a => (a & (1 << at)) == 0 && passes[a] != to && passes[a | (1 << at)] == to);
    }

    // Line by line, for what stands in a script that is more than a check.
    private static CheckReading Scan(string script, Questions questions)
    {
        List<Question> found = [];
        foreach (string line in script.Split('\n'))
        {
            foreach (string piece in Pieces(line.Trim()))
            {
                _ = ShellParser.Read(piece) is { } node && new CheckRun(questions, Note).Passes(node);
            }
        }

        Question? chosen = found.MinBy(q => q.Rank);
        return new CheckReading(chosen, chosen?.Lost ?? [], IsWhole: false);

        bool Note(Question? question, string text)
        {
            if (question is not null)
                found.Add(question);
            return true;
        }
    }

    // Of "if ! curl …; then", the command.
    private static IEnumerable<string> Pieces(string line)
    {
        foreach (string piece in line.Split("; "))
        {
            string text = piece.Trim().TrimEnd(';');
            foreach (string keyword in new[] { "if ", "elif ", "while ", "until ", "then ", "else ", "do ", "! " })
            {
                if (text.StartsWith(keyword, StringComparison.Ordinal))
                    text = text[keyword.Length..].TrimStart();
            }

            if (text.Length > 0)
                yield return text;
        }
    }
}
