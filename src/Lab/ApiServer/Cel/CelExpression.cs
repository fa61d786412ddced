namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>
/// A parsed expression. <see cref="Position"/> is the offset in the text that error messages point to.
/// </summary>
internal abstract record CelExpression(int Position);

internal sealed record CelLiteral(int Position, object? Value) : CelExpression(Position);

internal sealed record CelIdentifier(int Position, string Name) : CelExpression(Position);

/// <param name="IsTest"><c>has(a.b)</c>: whether the field is there.</param>
/// <param name="IsOptional"><c>a.?b</c>: the field as an optional.</param>
internal sealed record CelSelect(int Position, CelExpression Operand, string Field, bool IsTest, bool IsOptional)
    : CelExpression(Position);

/// <param name="Target">The receiver of a member call, or null.</param>
internal sealed record CelCall(
    int Position, string Function, CelExpression? Target, IReadOnlyList<CelExpression> Arguments)
    : CelExpression(Position)
{
    public IReadOnlyList<CelExpression> AllArguments => Target is null ? Arguments : [Target, .. Arguments];
}

internal sealed record CelListLiteral(int Position, IReadOnlyList<CelExpression> Items) : CelExpression(Position);

internal sealed record CelMapLiteral(int Position, IReadOnlyList<(CelExpression Key, CelExpression Value)> Entries)
    : CelExpression(Position);

internal enum CelMacro
{
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
    OptMap,
    OptFlatMap,
}

/// <summary>A macro that binds a variable to each item of a range (or to an optional's value).</summary>
/// <param name="Condition">The predicate; of <c>map</c> with three arguments its filter; null otherwise.</param>
/// <param name="Transform">What <c>map</c> and <c>optMap</c> make of an item.</param>
internal sealed record CelComprehension(
    int Position, CelMacro Macro, CelExpression Range, string Variable, CelExpression? Condition,
    CelExpression? Transform)
    : CelExpression(Position);

/// <summary>An expression that is not CEL, or that does not fit the types.</summary>
internal sealed class CelCompilationException(string text, int position, string problem)
    : Exception(Render(text, position, problem))
{
    /// <summary>As cel-go prints it: the place, the line, and a caret below it.</summary>
    private static string Render(string text, int position, string problem)
    {
        int at = Math.Min(position, text.Length);
        string before = text[..at];
        int line = before.Count(c => c == '\n') + 1;
        int column = at - (before.LastIndexOf('\n') + 1);
        string source = text.Split('\n')[line - 1];
        return $"ERROR: <input>:{line}:{column + 1}: {problem}\n | {source}\n | {new string('.', column)}^";
    }
}

/// <summary>An evaluation that failed: no such key, overflow, a value of the wrong type.</summary>
internal sealed class CelRuntimeException(string message) : Exception(message);
