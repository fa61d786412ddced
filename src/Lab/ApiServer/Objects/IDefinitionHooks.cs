using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>
/// What writes of CustomResourceDefinitions set off; called for every write, acts on definitions alone.
/// </summary>
internal interface IDefinitionHooks
{
    /// <exception cref="ApiException">422: the definition is refused.</exception>
    void BeforeWrite(ResourceType type, JsonObject document, JsonObject? old);

    void AfterWrite(ResourceType type, StoredObject stored);
}
