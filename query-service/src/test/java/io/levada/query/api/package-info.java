@NullMarked
package io.levada.query.api;

import org.jspecify.annotations.NullMarked;
