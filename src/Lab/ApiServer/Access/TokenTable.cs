using VipOperator.Lab.ApiServer.Errors;

namespace VipOperator.Lab.ApiServer.Access;

/// <summary>Bearer tokens and whose they are.</summary>
internal sealed class TokenTable(IReadOnlyDictionary<string, UserInfo> users)
{
    private const string AllAuthenticated = "system:authenticated";

    /// <exception cref="ApiException">401: a token that nobody has.</exception>
    public UserInfo Authenticate(string authorization)
    {
        if (authorization.Length == 0) return UserInfo.Anonymous;
        const string scheme = "Bearer ";
        if (!authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return UserInfo.Anonymous;
        return Find(authorization[scheme.Length..].Trim()) ?? throw ApiErrors.Unauthorized();
    }

    public UserInfo? Find(string token) => users.TryGetValue(token, out UserInfo? user)
        ? user with { Groups = [.. user.Groups.Union([AllAuthenticated])] }
        : null;
}
