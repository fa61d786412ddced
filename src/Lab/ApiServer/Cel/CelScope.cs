namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Variables in sight of an expression, the innermost first.</summary>
internal sealed class CelScope(string name, object? value, CelScope? outer = null)
{
    public CelScope With(string inner, object? innerValue) => new(inner, innerValue, this);

    public bool Find(string wanted, out object? found)
    {
        for (CelScope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.Name != wanted) continue;
            found = scope.Value;
            return true;
        }
        found = null;
        return false;
    }

    private string Name { get; } = name;

    private object? Value { get; } = value;

    private CelScope? Outer { get; } = outer;
}
