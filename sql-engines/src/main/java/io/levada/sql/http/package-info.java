/// The read-only query API over HTTP that the services for the lake and for the warehouse share.
@NullMarked
package io.levada.sql.http;

import org.jspecify.annotations.NullMarked;
