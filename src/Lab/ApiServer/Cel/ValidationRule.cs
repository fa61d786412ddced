using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>One entry of <c>x-kubernetes-validations</c>, parsed.</summary>
internal sealed record ValidationRule
{
    public required string Rule { get; init; }

    public string Message { get; init; } = "";

    public string MessageExpression { get; init; } = "";

    /// <summary>Path of the field to blame, below the node that carries the rule.</summary>
    public string FieldPath { get; init; } = "";

    public string Reason { get; init; } = "";

    public bool OptionalOldSelf { get; init; }

    /// <summary>Null: the text does not parse; a definition with such a rule is refused before it is served.</summary>
    public CelExpression? Program { get; private init; }

    public CelExpression? MessageProgram { get; private init; }

    /// <summary>Speaks of the value before: runs on updates alone, unless the old value is optional to it.</summary>
    public bool IsTransition { get; private init; }

    public static ValidationRule Read(JsonObject source)
    {
        string rule = source.Text("rule"), messageExpression = source.Text("messageExpression");
        CelExpression? program = TryParse(rule), messageProgram = TryParse(messageExpression);
        return new ValidationRule
        {
            Rule = rule.Trim(),
            Message = source.Text("message").Trim(),
            MessageExpression = messageExpression,
            FieldPath = source.Text("fieldPath"),
            Reason = source.Text("reason"),
            OptionalOldSelf = source.Boolean("optionalOldSelf") ?? false,
            Program = program,
            MessageProgram = messageProgram,
            IsTransition = Mentions(program, "oldSelf") || Mentions(messageProgram, "oldSelf"),
        };
    }

    /// <summary>Whether a variable occurs in an expression.</summary>
    public static bool Mentions(CelExpression? expression, string variable) => expression switch
    {
        CelIdentifier identifier => identifier.Name == variable,
        CelSelect select => Mentions(select.Operand, variable),
        CelCall call => call.AllArguments.Any(a => Mentions(a, variable)),
        CelListLiteral list => list.Items.Any(i => Mentions(i, variable)),
        CelMapLiteral map => map.Entries.Any(e => Mentions(e.Key, variable) || Mentions(e.Value, variable)),
        CelComprehension macro => Mentions(macro.Range, variable) || Mentions(macro.Condition, variable) || Mentions(
            macro.Transform, variable),
        _ => false,
    };

    private static CelExpression? TryParse(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            return CelParser.Parse(text);
        }
        catch (CelCompilationException)
        {
            return null;
        }
    }
}
