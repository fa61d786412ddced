using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Access;

/// <summary>Answers the review resources: who am I, may I, whose token is this.</summary>
internal sealed class Reviews(Authorizer authorizer, TokenTable tokens)
{
    public JsonObject Answer(string kind, JsonObject review, UserInfo user)
    {
        JsonObject answer = review.Copy();
        answer["status"] = kind switch
        {
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = user.ToJson() },
            "TokenReview" => AnswerToken(review.Text("spec", "token")),
            "SelfSubjectRulesReview" => AnswerRules(user, review.Text("spec", "namespace")),
            "SubjectAccessReview" => AnswerAccess(
                new UserInfo(review.Text("spec", "user"), [.. review.Texts("spec", "groups")]), review),
            _ => AnswerAccess(user, review),
        };
        return answer;
    }

    private JsonObject AnswerToken(string token) => tokens.Find(token) is { } owner
        ? new JsonObject { ["authenticated"] = true, ["user"] = owner.ToJson() }
        : new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };

    private JsonObject AnswerAccess(UserInfo user, JsonObject review)
    {
        JsonObject? resource = review.Map("spec", "resourceAttributes");
        AccessRequest request = resource is null
            ? new AccessRequest(
                review.Text("spec", "nonResourceAttributes", "verb"),
                Path: review.Text("spec", "nonResourceAttributes", "path"))
            : new AccessRequest(
                resource.Text("verb"), resource.Text("group"), resource.Text("resource"), resource.Text("subresource"),
                resource.Text("namespace"), resource.Text("name"));
        return new JsonObject { ["allowed"] = authorizer.Allows(user, request) };
    }

    private JsonObject AnswerRules(UserInfo user, string ns)
    {
        JsonArray resources = [], paths = [];
        foreach (JsonNode? rule in authorizer.RulesFor(user, ns))
            (rule.Items("nonResourceURLs").Any() ? paths : resources).Add(rule?.DeepClone());
        return new JsonObject { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }
}
