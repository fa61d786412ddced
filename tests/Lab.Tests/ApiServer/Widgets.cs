namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>A resource with a bit of everything.</summary>
internal static class Widgets
{
    public const string Definition =
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.test.vipoperator.io}
        spec:
          group: test.vipoperator.io
          scope: Namespaced
          names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            selectableFields: [{jsonPath: .spec.mode}]
            additionalPrinterColumns:
            - {name: Size, type: integer, jsonPath: .spec.size}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
            - {name: Tags, type: string, jsonPath: .spec.tags, priority: 1}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
            schema:
              openAPIV3Schema:
                type: object
                required: [spec]
                properties:
                  spec:
                    type: object
                    required: [size]
                    x-kubernetes-validations:
                    - {rule: "self.size != 13", message: "size must not be 13"}
                    - rule: "!has(self.mode) || self.mode != 'B' || self.size > 3"
                      messageExpression: "'mode B needs size above ' + (self.size > 1 ? '3' : 'three')"
                      fieldPath: .mode
                      reason: FieldValueForbidden
                    - {rule: "self.size + 10 >= oldSelf.size", message: "size may not shrink by more than 10"}
                    properties:
                      size: {type: integer, minimum: 1, maximum: 100}
                      mode: {type: string, enum: [A, B], default: A}
                      version: {type: integer, enum: [2, 3]}
                      name: {type: string, minLength: 2, maxLength: 5, pattern: '^[a-z]+$'}
                      tags: {type: array, items: {type: string, maxLength: 10}, maxItems: 3, minItems: 1, x-kubernetes-list-type: set}
                      ports:
                        type: array
                        maxItems: 5
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [name]
                        items:
                          type: object
                          required: [name]
                          properties:
                            name: {type: string, maxLength: 10}
                            port: {x-kubernetes-int-or-string: true}
                            proto: {type: string, default: TCP}
                      labels: {type: object, maxProperties: 2, additionalProperties: {type: string}}
                      ratio: {type: number, exclusiveMinimum: true, minimum: 0}
                      when: {type: string, format: date-time}
                      flag: {type: boolean}
                      free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                      ip: {type: string, maxLength: 64, x-kubernetes-validations: [{rule: "isIP(self)", message: "must be an IP"}]}
                      optional: {type: string, nullable: true}
                  status:
                    type: object
                    properties:
                      phase: {type: string}
                      conditions:
                        type: array
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [type]
                        items: {type: object, required: [type], properties: {type: {type: string}, status: {type: string}}}
        """;

    public static string Path(string ns, string name = "") =>
        $"/apis/test.vipoperator.io/v1/namespaces/{ns}/widgets{(name.Length == 0 ? "" : "/" + name)}";

    /// <param name="metadata">More of the metadata: <c>"labels":{…}</c>.</param>
    public static string Json(string name, string spec, string metadata = "") =>
        $$"""
        {"apiVersion":"test.vipoperator.io/v1","kind":"Widget","metadata":{"name":"{{name}}"{{(metadata.Length == 0 ? "" : "," + metadata)}}},"spec":{{spec}}}
        """.Trim();
}
