/// Answers SQL and named queries over HTTP.
@NullMarked
package io.levada.query;

import org.jspecify.annotations.NullMarked;
