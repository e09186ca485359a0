// refused: no rate of arrivals
import http from 'k6/http';
export const options = { scenarios: { load: { executor: 'constant-vus', vus: 10, duration: '1s' } } };
export default function () {
  http.get(__ENV["BASE_URL"]);
}
