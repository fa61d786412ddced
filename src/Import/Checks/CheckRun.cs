namespace VipOperator.Import;

/// <summary>
/// One run of a check script, with an answer assumed for each question: whether keepalived would take it as passed.
/// </summary>
/// <param name="questions">What is known of commands.</param>
/// <param name="answer">
/// Whether a question is answered well, or, where there is none, a command that is not known ends well; the text is
/// what asks it.
/// </param>
internal sealed class CheckRun(Questions questions, Func<Question?, string, bool> answer)
{
    /// <summary>Nobody calls a shell from a shell deeper.</summary>
    private const int DeepestShell = 4;

    private static readonly string[] Harmless =
        ["echo", "printf", "logger", "sleep", "true", ":", "date", "export", "usleep"];

    private static readonly string[] Services = ["nginx", "openresty"];

    private readonly CheckState _state = new(questions, answer);
    private bool? _exit;
    private bool _endsAtFailure;
    private bool _isCondition;
    private bool _skippedLast;
    private bool _stopsKeepalived;
    private int _shells;

    /// <summary>Whether the check passes.</summary>
    public bool Passes(ShellNode script)
    {
        Run(script);
        return (_exit ?? _state.Last()) && !_stopsKeepalived;
    }

    private bool IsOver => _exit is not null;

    private void Run(ShellNode node)
    {
        switch (node)
        {
            case ShellNode.Sequence sequence:
                RunSequence(sequence);
                break;
            case ShellNode.Chain chain:
                RunChain(chain);
                break;
            case ShellNode.Branch branch:
                RunBranch(branch);
                break;
            case ShellNode.Group group:
                Run(group.Body);
                if (group.IsSubshell && _exit is { } status)
                    (_state.Last, _exit) = (() => status, null);
                break;
            case ShellNode.Pipeline pipeline:
                RunPipeline(pipeline);
                break;
            case ShellNode.Command command:
                RunCommand(command, _state.Command(command));
                break;
        }
    }

    private void RunSequence(ShellNode.Sequence sequence)
    {
        foreach (ShellNode part in sequence.Nodes)
        {
            _skippedLast = part is ShellNode.Branch or ShellNode.Pipeline { IsNegated: true };
            Run(part);
            // set -e looks neither at conditions nor at what stands before && and ||.
            if (!IsOver && _endsAtFailure && !_isCondition && !_skippedLast && !_state.Last())
                _exit = false;
            if (IsOver)
                return;
        }
    }

    private void RunBranch(ShellNode.Branch branch)
    {
        bool wasCondition = _isCondition;
        _isCondition = true;
        Run(branch.Condition);
        _isCondition = wasCondition;
        if (IsOver)
            return;
        bool isTrue = _state.Last();
        _state.Last = () => true;
        if (isTrue)
            Run(branch.Then);
        else if (branch.Else is { } otherwise)
            Run(otherwise);
        _skippedLast = true;
    }

    private void RunChain(ShellNode.Chain chain)
    {
        Run(chain.First);
        foreach ((bool isAnd, ShellNode node) in chain.Rest)
        {
            if (IsOver)
                return;
            _skippedLast = _state.Last() != isAnd;
            if (!_skippedLast)
                Run(node);
        }
    }

    private void RunPipeline(ShellNode.Pipeline pipeline)
    {
        if (pipeline.Parts is [var only])
        {
            Run(only);
        }
        else if (_state.Commands(pipeline) is { } commands && questions.OfStatus(commands) is { } question)
        {
            _state.Last = () => answer(question, pipeline.Text);
        }
        else
        {
            Unknown(pipeline.Text);
        }

        if (pipeline.IsNegated && !IsOver)
        {
            Func<bool> before = _state.Last;
            _state.Last = () => !before();
        }
    }

    // A command that is not known is one even where its end plays no part, for what it does is not carried over.
    private void Unknown(string text)
    {
        bool endsWell = answer(null, text);
        _state.Last = () => endsWell;
    }

    private void RunCommand(ShellNode.Command node, CheckCommand command)
    {
        foreach ((string name, ShellWord value) in node.Assignments)
            Assign(name, value);
        if (command.Words.Count == 0 && command.Inputs.Count == 0)
            return;
        string[] words = [.. command.Words.Skip(1)];
        if (questions.OfStatus([command]) is { } question)
        {
            _state.Last = () => answer(question, node.Text);
        }
        else if (command.Program is "[" or "[[" or "test")
        {
            if (_state.Test(node) is { } test)
                _state.Last = test;
            else
                Unknown(node.Text);
        }
        else if (command.Program is "exit" or "return")
        {
            Exit(node);
        }
        else if (command.Program == "false")
        {
            _state.Last = () => false;
        }
        else if (command.Program == "set" && words is [var flags, ..] && flags[0] == '-')
        {
            _endsAtFailure |= flags.Contains('e', StringComparison.Ordinal);
            _state.Last = () => true;
        }
        else if (Questions.IsShell(command.Program) && words is ["-c", var inner]
            && _shells++ < DeepestShell && ShellParser.Read(inner) is { } script)
        {
            Run(new ShellNode.Group(inner, IsSubshell: true, script));
        }
        else if (IsOf(node, "keepalived", "stop", "kill"))
        {
            _stopsKeepalived = true;
            _state.Last = () => true;
        }
        else if (Harmless.Contains(command.Program) || node.Text.StartsWith("exec >", StringComparison.Ordinal))
        {
            _state.Last = () => true;
        }
        else if (Services.Contains(command.Program)
            || Services.Any(s => IsOf(node, s, "start", "restart", "reload")))
        {
            // Whether it comes up is what the next question finds out.
            _state.Last = () => answer(null, command.Text);
        }
        else
        {
            Unknown(node.Text);
        }
    }

    // systemctl stop NAME, service NAME stop, /etc/init.d/NAME stop, killall NAME, kill $(cat …NAME.pid)
    private static bool IsOf(ShellNode.Command node, string service, params string[] actions)
    {
        string text = node.Text;
        string program = node.Words.Count == 0 ? "" : node.Words[0].Literal ?? "";
        bool kills = program[(program.LastIndexOf('/') + 1)..] is "killall" or "pkill" or "kill"
            && actions.Contains("kill");
        bool acts = (program.EndsWith("systemctl", StringComparison.Ordinal)
            || program.EndsWith("service", StringComparison.Ordinal)
            || program.Contains("/init.d/", StringComparison.Ordinal))
            && node.Words.Any(w => actions.Contains(w.Literal));
        return (kills || acts) && text.Contains(service, StringComparison.Ordinal);
    }

    private void Assign(string name, ShellWord word)
    {
        CheckValue? value = _state.Resolve(word);
        if (value is null)
            _state.Variables.Remove(name);
        else
            _state.Variables[name] = value;
        // x=$(curl …) ends as curl does, x=$(… | wc -l) well.
        _state.Last = value is not CheckValue.Printed { Commands: var printed }
                || printed[^1].Program is "wc" or "awk" or "head" or "cut" or "tr" ? () => true
            : questions.OfStatus(printed) is { } question ? () => answer(question, word.Raw)
            : () => answer(null, word.Raw);
    }

    private void Exit(ShellNode.Command node)
    {
        if (node.Words.Count == 1)
        {
            _exit = _state.Last();
            return;
        }

        _exit = _state.Resolve(node.Words[1]) switch
        {
            CheckValue.Text text => text.Content == "0",
            CheckValue.Status status => status.EndedWell(),
            _ => answer(null, node.Text),
        };
    }
}
