"""GraphQL: parses and validates each document against `runpod.graphql`, then lets the resolvers answer."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import graphql
from graphql.language import DocumentNode, FieldNode, OperationDefinitionNode
from tests.cloud.account import Key
from tests.cloud.answer import Answer, Asked, Planned, of_json
from tests.cloud.graphql_resolvers import Resolvers
from tests.cloud.market import Market

SCHEMA = Path(__file__).with_name("runpod.graphql")
OPERATIONS = {
    "podFindAndDeployOnDemand": "create",
    "podResume": "start",
    "podStop": "stop",
    "podTerminate": "terminate",
    "pod": "get",
    "gpuTypes": "offers",
    "dataCenters": "data_centers",
    "createNetworkVolume": "create_volume",
}
OF_THE_ACCOUNT = {"pods": "list", "networkVolumes": "volumes"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@cache
def schema() -> graphql.GraphQLSchema:
    """Return the schema that documents are validated against."""
    built = graphql.build_schema(SCHEMA.read_text())
    moment = built.type_map["DateTime"]
    assert isinstance(moment, graphql.GraphQLScalarType)
    moment.parse_value = _moment  # pyright: ignore[reportAttributeAccessIssue]
    moment.parse_literal = lambda node, _variables=None: _moment(getattr(node, "value", None))  # pyright: ignore[reportAttributeAccessIssue]
    return built


def _moment(value: Any) -> str:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise graphql.GraphQLError(f"DateTime cannot represent {value!r}: it is no RFC 3339 date-time")
    return value


class NotUnderstoodError(Exception):
    """A request that is not carried out; `answer` says why."""

    def __init__(self, message: str, code: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer = errors(status, message, code)


@dataclass(frozen=True)
class Request:
    """What stands in a request's body."""

    document: DocumentNode
    operation: OperationDefinitionNode
    variables: dict[str, Any]


def read(asked: Asked) -> Request:
    """Given a request, return its document, which fits the schema; raise NotUnderstoodError."""
    if asked.method != "POST":
        raise NotUnderstoodError("GET query missing.", "BAD_REQUEST", 405)
    try:
        said = json.loads(asked.body)
        text, variables, name = said["query"], said.get("variables") or {}, said.get("operationName")
        document = graphql.parse(text)
    except graphql.GraphQLSyntaxError as error:
        raise NotUnderstoodError(error.message, "GRAPHQL_PARSE_FAILED") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotUnderstoodError("POST body missing, invalid Content-Type, or JSON object has no keys.", "BAD_REQUEST") from error
    if graphql.validate(schema(), document, [graphql.NoSchemaIntrospectionCustomRule]):
        message = "GraphQL introspection is not allowed, but the query contained __schema or __type."
        raise NotUnderstoodError(message, "INTROSPECTION_DISABLED")
    if wrong := graphql.validate(schema(), document):
        raise NotUnderstoodError(wrong[0].message, "GRAPHQL_VALIDATION_FAILED")
    operation = graphql.get_operation_ast(document, name)
    if operation is None:
        raise NotUnderstoodError("Must provide operation name if query contains multiple operations.", "BAD_REQUEST")
    return Request(document, operation, variables)


def plan(market: Market, key: Key, asked: Asked) -> Planned | Answer:
    """Given a request, return what it is about and how to answer it; at once the answer where it is not understood."""
    try:
        request = read(asked)
    except NotUnderstoodError as error:
        return error.answer
    # Fields that a fragment hides would be answered, but missed by faults: our documents have none at the top.
    fields = [node for node in request.operation.selection_set.selections if isinstance(node, FieldNode)]
    roots = tuple(node.alias.value if node.alias else node.name.value for node in fields)

    def run() -> Answer:
        done = graphql.execute_sync(
            schema(),
            request.document,
            root_value=Resolvers(market, key).roots(),
            variable_values=request.variables,
            operation_name=request.operation.name.value if request.operation.name else None,
        )
        for error in done.errors or ():
            if error.original_error is not None and not isinstance(error.original_error, graphql.GraphQLError):
                raise error.original_error  # a fault of this server's, not of the document
        content: dict[str, Any] = {"data": done.data}
        if done.errors:
            content["errors"] = [error.formatted for error in done.errors]
        if done.data is None and done.errors and all(error.path is None for error in done.errors):
            return of_json(400, content)  # a variable that does not fit
        return of_json(200, content)

    return Planned(_operations(fields), run, roots)


def _operations(fields: list[FieldNode]) -> frozenset[str]:
    found: set[str] = set()
    for node in fields:
        name = node.name.value
        if name != "myself":
            found.add(OPERATIONS.get(name, name))
            continue
        below = [part.name.value for part in node.selection_set.selections if isinstance(part, FieldNode)] if node.selection_set else []
        found |= {OF_THE_ACCOUNT.get(part, "account") for part in below if part != "id" or len(below) == 1}
    return frozenset(found)


def errors(status: int, message: str, code: str, roots: tuple[str, ...] = ()) -> Answer:
    """Return an error as GraphQL tells it."""
    said: dict[str, Any] = {"errors": [{"message": message, "extensions": {"code": code}}]}
    if roots:
        said["errors"][0]["path"] = [roots[0]]
        said["data"] = dict.fromkeys(roots)
    return of_json(status, said)
