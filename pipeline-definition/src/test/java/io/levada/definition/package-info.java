@NullMarked
package io.levada.definition;

import org.jspecify.annotations.NullMarked;
