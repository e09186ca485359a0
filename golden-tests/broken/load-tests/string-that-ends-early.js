// refused: Unexpected identifier
import http from 'k6/http';
export default function () {
  http.get("a" require("b"));
}
