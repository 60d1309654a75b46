// Programs that must not compile: run-refused compiles this file without a name, which must go well,
// and then with each of the names below, which must fail and say the words beside it.
//
// MISSPELT_FIELD: agent_di
// MISSPELT_FIELD_WITHOUT_TYPE: send
// MISSPELT_MEMBER: agent_di
// MISSPELT_CHOICE: tollfree
// WRONG_TYPE: optional
// MISSING_FIELD: to_number
// FIELDS_BY_POSITION: ByName
// REQUEST_OF_ANOTHER_OPERATION: send
// LETTER_AS_NUMBER: object|value
// POINTER_AS_FLAG: value
// ENUMERATION_WITHOUT_NAMES: value
// IGNORED_ANSWER: nodiscard|ignoring return value
// IGNORED_COMPLETION: nodiscard|ignoring return value
// VIEW_OF_A_TEMPORARY: deleted
#include "trillet_requests.hpp"

enum class Nameless { one };

void program(const trillet::Client &client);

void program(const trillet::Client &client) {
    const auto good = client.calls().send({.agent_id = "a1", .to_number = "+12025550164"});
    client.calls().send({.agent_id = "a1", .to_number = "+12025550164"}).or_throw();
    client.submit("agents.list");
    static_cast<void>(good.data());
#if defined(MISSPELT_FIELD)
    const trillet::CallsSend request{.agent_di = "a1", .to_number = "+12025550164"};
#elif defined(MISSPELT_FIELD_WITHOUT_TYPE)
    static_cast<void>(client.calls().send({.agent_di = "a1", .to_number = "+12025550164"}));
#elif defined(MISSPELT_MEMBER)
    trillet::CallsSend request;
    request.agent_di = "a1";
#elif defined(MISSPELT_CHOICE)
    const auto kind = trillet::NumberType::tollfree;
#elif defined(WRONG_TYPE)
    const trillet::AgentsList request{.limit = "7"};
#elif defined(MISSING_FIELD)
    const trillet::CallsSend request{.agent_id = "a1"};
#elif defined(FIELDS_BY_POSITION)
    const trillet::CallsSend request{"a1", "+12025550164"};
#elif defined(REQUEST_OF_ANOTHER_OPERATION)
    static_cast<void>(client.calls().send(trillet::AgentsList()));
#elif defined(LETTER_AS_NUMBER)
    const trillet::json::object request{{"digit", '7'}};
#elif defined(POINTER_AS_FLAG)
    const trillet::json::value flag = &client;
#elif defined(ENUMERATION_WITHOUT_NAMES)
    const trillet::json::value choice = Nameless::one;
#elif defined(IGNORED_ANSWER)
    client.calls().send({.agent_id = "a1", .to_number = "+12025550164"});
#elif defined(IGNORED_COMPLETION)
    client.next();
#elif defined(VIEW_OF_A_TEMPORARY)
    const auto name = client.agents().get({{"agentId", "a1"}}).data("name");
#endif
}
