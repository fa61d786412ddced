namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Parses CEL (cel-spec, "Syntax") by recursive descent; macros are recognized here.</summary>
internal sealed class CelParser
{
    /// <summary>As deep as cel-go allows expressions to nest.</summary>
    private const int MaxDepth = 250;

    private static readonly string[] Relations = ["==", "!=", "<=", ">=", "<", ">"];

    private readonly string _text;
    private readonly List<CelToken> _tokens;
    private int _next;
    private int _depth;

    private CelParser(string text)
    {
        _text = text;
        _tokens = new CelLexer(text).Tokens();
    }

    private CelToken Current => _tokens[_next];

    /// <exception cref="CelCompilationException">The text is not CEL.</exception>
    public static CelExpression Parse(string text)
    {
        CelParser parser = new(text);
        CelExpression expression = parser.Conditional();
        return parser.Current.Kind == CelTokenKind.End ? expression : throw parser.Unexpected();
    }

    private CelExpression Conditional()
    {
        if (++_depth > MaxDepth) throw Problem(Current.Position, "expression recursion limit exceeded");
        CelExpression condition = Or();
        if (At("?"))
        {
            int position = Take("?").Position;
            CelExpression then = Or();
            Take(":");
            condition = new CelCall(position, "_?_:_", null, [condition, then, Conditional()]);
        }
        _depth--;
        return condition;
    }

    private CelExpression Or() => LeftAssociative(And, ["||"]);

    private CelExpression And() => LeftAssociative(Relation, ["&&"]);

    private CelExpression Relation()
    {
        CelExpression left = Sum();
        while (true)
        {
            bool isIn = Current is { Kind: CelTokenKind.Identifier, Text: "in" };
            if (!isIn && !(Current.Kind == CelTokenKind.Symbol && Relations.Contains(Current.Text))) return left;
            CelToken sign = _tokens[_next++];
            left = new CelCall(sign.Position, isIn ? "@in" : $"_{sign.Text}_", null, [left, Sum()]);
        }
    }

    private CelExpression Sum() => LeftAssociative(Product, ["+", "-"]);

    private CelExpression Product() => LeftAssociative(Unary, ["*", "/", "%"]);

    private CelExpression LeftAssociative(Func<CelExpression> operand, string[] signs)
    {
        CelExpression left = operand();
        while (Current.Kind == CelTokenKind.Symbol && signs.Contains(Current.Text))
        {
            CelToken sign = _tokens[_next++];
            left = new CelCall(sign.Position, $"_{sign.Text}_", null, [left, operand()]);
        }
        return left;
    }

    private CelExpression Unary()
    {
        if (At("!"))
        {
            int position = Take("!").Position;
            return new CelCall(position, "!_", null, [Unary()]);
        }
        if (!At("-")) return Member();
        CelToken minus = Take("-");
        if (Current is { Kind: CelTokenKind.Literal, Value: long or double })
        {
            CelToken number = _tokens[_next];
            object value = number.Value is long whole ? (object)unchecked(-whole) : -(double)number.Value!;
            _tokens[_next] = number with { Value = value, Position = minus.Position };
            return Member();
        }
        return new CelCall(minus.Position, "-_", null, [Unary()]);
    }

    private CelExpression Member()
    {
        CelExpression operand = Primary();
        while (true)
        {
            if (At("."))
            {
                int position = Take(".").Position;
                bool isOptional = At("?");
                if (isOptional) Take("?");
                CelToken name = TakeIdentifier();
                operand = !isOptional && At("(")
                    ? MemberCall(operand, name.Text)
                    : new CelSelect(position, operand, name.Text, false, isOptional);
            }
            else if (At("["))
            {
                int position = Take("[").Position;
                bool isOptional = At("?");
                if (isOptional) Take("?");
                CelExpression index = Conditional();
                Take("]");
                operand = new CelCall(position, isOptional ? "_[?_]" : "_[_]", null, [operand, index]);
            }
            else return operand;
        }
    }

    private CelExpression MemberCall(CelExpression target, string function)
    {
        int position = Current.Position;
        List<CelExpression> arguments = Arguments();
        CelExpression? macro = Macro(position, target, function, arguments);
        return macro ?? new CelCall(position, function, target, arguments);
    }

    private CelComprehension? Macro(int position, CelExpression target, string function, List<CelExpression> arguments)
    {
        (CelMacro Macro, int[] Counts)? known = function switch
        {
            "all" => (CelMacro.All, [2]),
            "exists" => (CelMacro.Exists, [2]),
            "exists_one" or "existsOne" => (CelMacro.ExistsOne, [2]),
            "map" => (CelMacro.Map, [2, 3]),
            "filter" => (CelMacro.Filter, [2]),
            "optMap" => (CelMacro.OptMap, [2]),
            "optFlatMap" => (CelMacro.OptFlatMap, [2]),
            _ => null,
        };
        if (known is not { } macro || !macro.Counts.Contains(arguments.Count)) return null;
        if (arguments[0] is not CelIdentifier variable)
            throw Problem(arguments[0].Position, "argument must be a simple name");
        bool transforms = macro.Macro is CelMacro.Map or CelMacro.OptMap or CelMacro.OptFlatMap;
        CelExpression? condition = !transforms ? arguments[1] : arguments.Count == 3 ? arguments[1] : null;
        return new CelComprehension(
            position, macro.Macro, target, variable.Name, condition, transforms ? arguments[^1] : null);
    }

    private CelExpression Primary()
    {
        CelToken token = Current;
        if (token.Kind == CelTokenKind.Literal)
        {
            _next++;
            return new CelLiteral(token.Position, token.Value);
        }
        if (At("("))
        {
            Take("(");
            CelExpression inner = Conditional();
            Take(")");
            return inner;
        }
        if (At("[")) return ListLiteral();
        if (At("{")) return MapLiteral();
        if (At(".")) Take(".");
        CelToken name = TakeIdentifier();
        if (!At("(")) return new CelIdentifier(name.Position, name.Text);
        int position = Current.Position;
        List<CelExpression> arguments = Arguments();
        if (name.Text != "has") return new CelCall(position, name.Text, null, arguments);
        return arguments is [CelSelect { IsTest: false } select]
            ? select with { IsTest = true, Position = position }
            : throw Problem(position, "invalid argument to has() macro");
    }

    private List<CelExpression> Arguments()
    {
        Take("(");
        List<CelExpression> arguments = Sequence(")", Conditional);
        Take(")");
        return arguments;
    }

    private CelListLiteral ListLiteral()
    {
        int position = Take("[").Position;
        List<CelExpression> items = Sequence("]", Conditional);
        Take("]");
        return new CelListLiteral(position, items);
    }

    private CelMapLiteral MapLiteral()
    {
        int position = Take("{").Position;
        List<(CelExpression, CelExpression)> entries = Sequence("}", () =>
        {
            CelExpression key = Conditional();
            Take(":");
            return (key, Conditional());
        });
        Take("}");
        return new CelMapLiteral(position, entries);
    }

    private List<T> Sequence<T>(string end, Func<T> item)
    {
        List<T> items = [];
        while (!At(end))
        {
            items.Add(item());
            if (!At(",")) break;
            Take(",");
        }
        return items;
    }

    private bool At(string symbol) => Current.Kind == CelTokenKind.Symbol && Current.Text == symbol;

    private CelToken Take(string symbol)
    {
        if (!At(symbol)) throw Unexpected();
        return _tokens[_next++];
    }

    private CelToken TakeIdentifier()
    {
        if (Current.Kind != CelTokenKind.Identifier || Current.Text == "in") throw Unexpected();
        return _tokens[_next++];
    }

    private CelCompilationException Unexpected()
    {
        string found = Current.Kind == CelTokenKind.End ? "<EOF>" : Current.Text.Length > 0
            ? Current.Text : $"{Current.Value}";
        return Problem(Current.Position, $"Syntax error: mismatched input '{found}'");
    }

    private CelCompilationException Problem(int position, string problem) => new(_text, position, problem);
}
