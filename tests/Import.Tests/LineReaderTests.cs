using VipOperator.Import.Tests.Support;

namespace VipOperator.Import.Tests;

/// <summary>What the blocks see of a file: keepalived.conf(5), and what keepalived 2.2.7 was seen to do.</summary>
public sealed class LineReaderTests
{
    private readonly List<Problem> _problems = [];
    private readonly List<SourceNote> _notes = [];

    [Fact]
    public void Brace_StandsInALineOfItsOwn() =>
        Assert.Equal(["a b", "{", "c", "}", "d"], Read("a b { c } d"));

    [Fact]
    public void Brace_InDoubleQuotes_IsText() =>
        Assert.Equal(["script \"x { y }\""], Read("script \"x { y }\""));

    [Fact]
    public void Line_KnowsWhereItStands()
    {
        MemoryFiles files =
            new() { ["main.conf"] = "one\n\n# comment\ninclude more/x.conf\nlast {", ["more/x.conf"] = "\ninner" };
        LineReader reader = new("main.conf", files, "host", _problems, _notes);
        List<string> places = [];
        while (reader.Read(out ConfigurationLine line))
            places.Add($"{line.Place} {line.Text}");

        Assert.Equal(["main.conf:1 one", "more/x.conf:2 inner", "main.conf:5 last", "main.conf:5 {"], places);
    }

    [Fact]
    public void Definition_IsPutInWhereItStands_AtThatTime() => Assert.Equal(
        ["10.2.0.100/32", "10.2.10.100/32", "$UNKNOWN 5$"],
        Read("$BASE=10.2.${SUB}\n$SUB=0\n${BASE}.100/32\n$SUB=10\n${BASE}.100/32\n$UNKNOWN 5$"));

    [Fact]
    public void Definition_WithoutBraces_NeedsABlankAfterIt() =>
        Assert.Equal(["priority 240 x", "a $PRIO.5", "b 240,240)"],
            Read("$PRIO=240\npriority $PRIO x\na $PRIO.5\nb $PRIO,$PRIO)"));

    [Fact]
    public void Definition_OfSeveralLines_MayBeNestedAndConditional() => Assert.Equal(
        ["outer 1", "{", "inner 1", "only here", "}", "outer 2", "{", "inner 2", "only here", "}"],
        Read("""
            $INNER= \
              inner ${NUM} \
              @host only here \
              @other not here
            $OUTER= \
            outer ${NUM} { \
              $INNER \
            }
            $NUM=1
            $OUTER
            $NUM=2
            $OUTER
            """));

    [Fact]
    public void Definition_HashAndBang_AreKnown() =>
        Assert.Equal(["a \"#\"", "b \"!\""], Read("a \"${_HASH}\"\nb \"${_BANG}\""));

    [Fact]
    public void Definition_KnownOnlyWhileRunning_IsRefused()
    {
        Read("auth_pass ${_ENV SECRET}");

        Assert.Contains(
            "$_ENV is known to keepalived alone", Assert.Single(_problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Definition_OfItself_EndsWithAProblem()
    {
        Read("$A=x ${A}\n$A");

        Assert.Contains(_problems, p => p.IsFatal && p.Place == new Place("main.conf", 2));
    }

    [Theory]
    [InlineData("~SEQ(N, 3) v $N", "v 1|v 2|v 3")]
    [InlineData("~SEQ(N, 5, 3) v $N", "v 5|v 4|v 3")]
    [InlineData("~SEQ(N, 10, 5, 20) v $N", "v 10|v 15|v 20")]
    [InlineData("~SEQ(N, -2) v $N", "v -1|v -2")]
    [InlineData("~SEQx(N, 9, 11) v $N", "v 9|v a|v b")]
    [InlineData("$L=2\n~SEQ(N, $L) v $N", "v 1|v 2")]
    [InlineData("~LST(N, a, b) v $N", "v a|v b")]
    [InlineData("~LST({N, M}, {1, x}, {2}) v $N ${M}.", "v 1 x.|v 2 .")]
    [InlineData("~SEQ(N, 2) ~SEQ(M, 2) v $N $M", "v 1 1|v 1 2|v 2 1|v 2 2")]
    public void Repetition_ReadsTheLineOnceForEachValue(string text, string lines)
    {
        Assert.Equal(lines.Split('|'), Read(text));
        Assert.Empty(_problems);
    }

    [Theory]
    [InlineData("~SEQ(N) v $N")]
    [InlineData("~SEQ(N, 1, -1, 5) v $N")]
    [InlineData("~SEQ(N, 1, 2")]
    [InlineData("~SEQ(N, 1, 1, 99999999) v $N")]
    [InlineData("~SEQ(N, a) v $N")]
    [InlineData("~LST(N) v")]
    [InlineData("~LST({A}, {1, 2}) v")]
    public void Repetition_WrittenWrong_IsRefusedWithItsLine(string text)
    {
        Assert.Empty(Read(text));
        Assert.True(Assert.Single(_problems) is { IsFatal: true, Place.Line: 1 });
    }

    [Fact]
    public void Condition_IsForTheHostThatItNames()
    {
        Assert.Equal(["a", "d", "f"], Read(
            "@host a\n@other b\n@^host c\n@^other d\n@host\n$IF=@host\n$IF f\n$IFNOT=@other\n$IFNOT g"));
        Assert.Contains(_notes, n => n is { Kind: SourceNoteKind.OtherHost, Place.Line: 2 });
    }

    [Fact]
    public void Include_OfItself_IsRefused()
    {
        MemoryFiles files = new() { ["main.conf"] = "include a.conf", ["a.conf"] = "x\ninclude main.conf" };

        Read(files);

        Assert.Equal("a.conf:2: main.conf includes itself", Assert.Single(_problems).ToString());
    }

    [Theory]
    [InlineData("include gone.conf", false)]
    [InlineData("include gone/*.conf", false)]
    [InlineData("includer gone.conf", false)]
    [InlineData("includem gone.conf", true)]
    [InlineData("includem gone/*.conf", false)]
    [InlineData("includeb gone/{a,b}.conf", true)]
    [InlineData("includea gone/*.conf", true)]
    [InlineData("includew gone/*.conf", true)]
    public void Include_OfNothing_IsFatalOnlyWhereItAsksForChecks(string line, bool isFatal)
    {
        Assert.Equal(["next"], Read(line + "\nnext"));
        Assert.Equal(isFatal, _problems.Any(p => p.IsFatal));
        Assert.Contains(_notes, n => n.Kind == SourceNoteKind.IncludeNothing);
    }

    [Theory]
    [InlineData("includes x")]
    [InlineData("include")]
    [InlineData("includex y.conf")]
    public void Include_IsAWholeWord(string line) => Assert.Equal([line], Read(line));

    [Fact]
    public void Line_TooLong_IsRefused()
    {
        Assert.Equal(["after"], Read(new string('a', 1024) + "\nafter"));
        Assert.True(Assert.Single(_problems).IsFatal);
    }

    [Fact]
    public void CarriageReturns_AreNoPartOfALine() => Assert.Equal(["a", "b"], Read("a\r\nb\r\n"));

    private List<string> Read(string text) => Read(new MemoryFiles { ["main.conf"] = text });

    private List<string> Read(MemoryFiles files)
    {
        LineReader reader = new("main.conf", files, "host", _problems, _notes);
        List<string> lines = [];
        while (reader.Read(out ConfigurationLine line))
            lines.Add(line.Text);
        return lines;
    }
}
