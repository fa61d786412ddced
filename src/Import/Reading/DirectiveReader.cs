using System.Collections.Frozen;

namespace VipOperator.Import;

/// <summary>
/// Makes blocks of lines as keepalived does: by its keywords, not by the braces. So a '{' after an unknown word is
/// ignored and the '}' that belongs to it ends the block around it; whoever looks only at braces reads something else
/// than keepalived runs.
/// </summary>
internal sealed class DirectiveReader(LineReader lines, List<Problem> problems)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Stack<Place> _open = new();

    public IReadOnlyList<Directive> Read()
    {
        Directive root = new(lines.Place, DirectiveKind.Known, [""], "");
        ReadKeywords(root, Grammar.Root, "", isRoot: true);
        return root.Children;
    }

    private void ReadKeywords(Directive block, FrozenDictionary<string, Keyword> keywords, string name, bool isRoot)
    {
        bool needsBrace = !isRoot;
        while (Next(out Directive? line))
        {
            bool opens = line.Name == "{";
            if (needsBrace)
            {
                needsBrace = false;
                if (opens)
                {
                    _open.Push(line.Place);
                    continue;
                }

                Fail(line.Place, $"there is no '{{' after {name}; keepalived goes on as if there were one");
                _open.Push(line.Place);
            }
            else if (opens)
            {
                Note(line.Place,
                    "keepalived ignores this '{', because no block begins here; the '}' that belongs to it ends the "
                    + "block around it");
                continue;
            }

            if (line.Name == "}")
            {
                if (!isRoot)
                {
                    _open.Pop();
                    return;
                }

                Fail(line.Place, "this '}' has no '{'");
                continue;
            }

            ReadKeyword(block, keywords, name, line);
        }

        if (!isRoot)
            FailAtEnd(needsBrace ? block.Place : _open.Pop(), name);
    }

    private void ReadKeyword(Directive block, FrozenDictionary<string, Keyword> keywords, string name, Directive line)
    {
        if (!keywords.TryGetValue(line.Name, out Keyword? keyword))
        {
            Note(line.Place, name.Length == 0
                ? $"keepalived knows no {line.Name} outside of all blocks"
                : $"keepalived knows no {line.Name} in {name}");
            block.Add(line with { Kind = DirectiveKind.Unknown });
            return;
        }

        block.Add(line);
        if (keyword.Kind == KeywordKind.Setting)
            return;
        if (WhyNot(block, line) is { } reason)
        {
            Note(line.Place, reason + "; keepalived skips the block");
            Skip(line);
        }
        else if (keyword.Kind == KeywordKind.Block)
        {
            ReadKeywords(line, keyword.Inner, line.Name, isRoot: false);
        }
        else if (keyword.Kind == KeywordKind.Values)
        {
            ReadValues(line);
        }
        else
        {
            Skip(line);
        }
    }

    /// <returns>null: the block may stand there.</returns>
    private string? WhyNot(Directive block, Directive line)
    {
        if (line.Name is "vrrp_instance" or "vrrp_sync_group")
        {
            if (line.Words.Count != 2)
                return $"a {line.Name} must have a name";
            if (!_names.Add($"{line.Name} {line.Argument}"))
                return $"there is a {line.Name} {line.Argument} already";
        }

        return line.Name == "group" && block.Name == "vrrp_sync_group" && block.Named("group").Count() > 1
            ? "the group has a list of instances already"
            : null;
    }

    private void ReadValues(Directive block)
    {
        if (block.Words.Count > 1)
            Note(block.Place, $"{block.Name} takes no word on its line");
        bool needsBrace = true;
        _open.Push(block.Place);
        while (Next(out Directive? line))
        {
            if (needsBrace)
            {
                needsBrace = false;
                // A missing one keepalived only mentions.
                if (line.Name == "{")
                    continue;
            }

            if (line.Name == "}")
            {
                _open.Pop();
                return;
            }

            block.Add(line with { Kind = DirectiveKind.Value });
        }

        FailAtEnd(_open.Pop(), block.Name);
    }

    // All lines to the '}' that belongs to the next '{'; without a '{' there is nothing to skip.
    private void Skip(Directive block)
    {
        int depth = 0;
        _open.Push(block.Place);
        while (Next(out Directive? line))
        {
            if (line.Name == "{")
            {
                depth++;
            }
            else if (line.Name == "}")
            {
                if (--depth == 0)
                {
                    _open.Pop();
                    return;
                }
            }
            else if (depth == 0)
            {
                _open.Pop();
                Fail(line.Place, $"there is no '{{' after {block.Name}");
                return;
            }
            else
            {
                block.Add(line with { Kind = DirectiveKind.Skipped });
            }
        }

        FailAtEnd(_open.Pop(), block.Name);
    }

    private bool Next([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Directive? line)
    {
        while (lines.Read(out ConfigurationLine next))
        {
            List<string> words = Words.Split(next.Text, out bool unmatched);
            if (unmatched)
                Fail(next.Place, "a double quote has no second one on the line");
            if (words.Count == 0)
                continue;
            line = new Directive(next.Place, DirectiveKind.Known, words, next.Text);
            return true;
        }

        line = null;
        return false;
    }

    private void FailAtEnd(Place place, string name) =>
        problems.Add(new Problem(place, $"the block {name} that begins here has no '}}'", IsFatal: true));

    private void Fail(Place place, string message) => problems.Add(new Problem(place, message, IsFatal: true));

    private void Note(Place place, string message) => problems.Add(new Problem(place, message, IsFatal: false));
}
