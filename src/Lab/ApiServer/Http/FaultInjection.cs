using VipOperator.Lab.ApiServer.Errors;

namespace VipOperator.Lab.ApiServer.Http;

/// <summary>Lets a test make the server refuse requests, as an overloaded or half-broken one does.</summary>
internal sealed class FaultInjection
{
    private volatile Func<HttpRequest, ApiException?>? _rule;

    /// <summary>Asked before each request; a refusal is answered at once. Null ends it.</summary>
    public void Use(Func<HttpRequest, ApiException?>? rule) => _rule = rule;

    public ApiException? Next(HttpRequest request) => _rule?.Invoke(request);
}
