// SPDX-License-Identifier: Apache-2.0
// The syntax tree of a template.
#pragma once

#include "core/text/jinja/value.h"

namespace bitlathe::text::jinja
{

struct Expression;
using ExpressionPointer = std::unique_ptr<Expression>;

struct Expression
{
    enum class Kind {
        Constant,
        Name,
        Tuple,
        List,
        Dict,      ///< parts: key, value, key, value, ...
        Attribute, ///< parts: object; text: name.
        Item,      ///< parts: object, key.
        Slice,     ///< parts: object, start, stop, step, each of the three null where left out.
        Call,      ///< parts: callee, arguments; names: of the last arguments.
        Filter,    ///< parts: input (null: the text of the block), arguments; names likewise; text: name.
        Test,      ///< Likewise.
        Negate,
        Plus,
        Not,
        Arithmetic,  ///< text: + - * / // % **.
        Concatenate, ///< ~ of all parts.
        Compare,     ///< parts: operands; names: the operators between them.
        And,
        Or,
        Conditional, ///< parts: condition, value, other value or null.
    };

    Kind kind = Kind::Constant;
    int line = 1;
    int depth = 1; ///< Nodes below one another; limited, for evaluation is recursive.
    std::string text;
    Value constant;
    std::vector<ExpressionPointer> parts;
    std::vector<std::string> names;
};

struct Statement;
using Body = std::vector<std::unique_ptr<Statement>>;

struct Statement
{
    enum class Kind {
        Text,        ///< text as it stands.
        Output,      ///< expressions: one.
        If,          ///< expressions: conditions; bodies: one for each, then the one of else.
        For,         ///< expressions: target, sequence, filter or null; bodies: loop, else.
        Set,         ///< expressions: target, value.
        SetBlock,    ///< expressions: target, filters or null; bodies: one.
        Macro,       ///< text: name; names: parameters; expressions: their defaults or null; bodies: one.
        CallBlock,   ///< As Macro, without name; the last expression is the call.
        FilterBlock, ///< expressions: filters; bodies: one.
        With,        ///< expressions: target, value, target, value, ...; bodies: one.
        Scope,       ///< bodies: one, whose variables stay inside.
        Break,
        Continue,
    };

    Kind kind = Kind::Text;
    int line = 1;
    std::string text;
    std::vector<std::string> names;
    std::vector<ExpressionPointer> expressions;
    std::vector<Body> bodies;
    bool takesVariable = false; ///< Of a macro: reads varargs.
    bool takesNamed = false;    ///< Reads kwargs.
    bool takesCaller = false;   ///< Reads caller.
};

} // namespace bitlathe::text::jinja
